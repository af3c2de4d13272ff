import type { UnsealProvider, UnsealShares } from './unseal-provider.ts';

export interface ShamirProviderOptions {
  /** Runs `work` after so many milliseconds, unless what it returns is called before. */
  readonly after?: (ms: number, work: () => void) => () => void;
}

/** The root key lies under a key that people hold shares of. */
export function createShamirProvider(
  _options: ShamirProviderOptions = {},
): UnsealProvider & { readonly shares: UnsealShares } {
  throw new Error('not written yet');
}
