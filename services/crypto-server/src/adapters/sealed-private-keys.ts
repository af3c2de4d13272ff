import { createPrivateKey } from 'node:crypto';
import { hasCode } from '@sealtrack/errors/app-error';
import type { Keyring } from '@sealtrack/sealed-store/keyring';
import type { SealedStore } from '@sealtrack/sealed-store/redis-sealed-store';
import type { PrivateKeys } from '../ports.ts';

/** Private keys as PKCS#8, each sealed under the keyring. */
export function createSealedPrivateKeys(
  store: SealedStore,
  keyring: Pick<Keyring, 'putKey' | 'unsealKey'>,
): PrivateKeys {
  return {
    async add(tenantId, keyId, certificateId, key) {
      // A renewed certificate on the same key: the key is held, and what is sealed stays.
      if (await store.has(tenantId, keyId)) return;
      const secret = key.export({ type: 'pkcs8', format: 'der' });
      try {
        await keyring.putKey(secret, { tenant: tenantId, keyId, certificateId });
      } catch (error) {
        // Another import of the same key came first.
        if (!hasCode(error, 'OBJECT_EXISTS')) throw error;
      } finally {
        secret.fill(0);
      }
    },
    async get(tenantId, keyId) {
      const sealed = await store.get(tenantId, keyId);
      if (sealed === undefined) return undefined;
      const secret = await keyring.unsealKey(sealed, { tenant: tenantId, keyId });
      try {
        return createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' });
      } finally {
        secret.fill(0);
      }
    },
    getSealed: (tenantId, keyId) => store.get(tenantId, keyId),
    has: (tenantId, keyId) => store.has(tenantId, keyId),
  };
}
