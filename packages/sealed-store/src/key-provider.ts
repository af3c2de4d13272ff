import { sealBroken } from './jwe-format.ts';
import type { UnsealKey } from './unseal-key.ts';
import { otherProvider, type UnsealProvider } from './unseal-provider.ts';
import { unwrapRoot, wrapRoot } from './wrapped-key.ts';

/**
 * The root key lies under a key that the service is configured with. `previous` only opens: what lies under it is wrapped
 * under `current` when the keyring is opened.
 */
export function createKeyProvider({
  current,
  previous,
}: {
  readonly current: UnsealKey;
  readonly previous?: UnsealKey | undefined;
}): UnsealProvider {
  return {
    kind: 'key',
    wrap: async (root) => ({ provider: 'key', keyId: current.id, blob: await wrapRoot(root, current) }),
    async unwrap(wrapped) {
      if (wrapped.provider !== 'key') throw otherProvider('key', wrapped);
      const key = [current, previous].find((candidate) => candidate?.id === wrapped.keyId);
      if (key === undefined)
        throw sealBroken(
          `The root key is under unseal key ${wrapped.keyId}, and this service has ${current.id}${previous ? ` and ${previous.id}` : ''}`,
          `Give the service unseal key ${wrapped.keyId}, as the current or as the previous one; restore it from its backup if it is gone.`,
        );
      return await unwrapRoot(wrapped.blob, key);
    },
    isCurrent: (wrapped) => wrapped.provider === 'key' && wrapped.keyId === current.id,
    forget: () => undefined,
  };
}
