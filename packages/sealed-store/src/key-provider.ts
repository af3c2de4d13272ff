import type { UnsealKey } from './unseal-key.ts';
import type { UnsealProvider } from './unseal-provider.ts';

/** The root key lies under a key that the service is configured with; `previous` only opens. */
export function createKeyProvider(_keys: {
  readonly current: UnsealKey;
  readonly previous?: UnsealKey | undefined;
}): UnsealProvider {
  throw new Error('not written yet');
}
