import { createPrivateKey } from 'node:crypto';
import { hasCode } from '@sealtrack/errors/app-error';
import type { Keks } from '@sealtrack/sealed-store/kek-file';
import type { SealedStore } from '@sealtrack/sealed-store/redis-sealed-store';
import { sealSecret, unsealSecret } from '@sealtrack/sealed-store/seal';
import type { PrivateKeys } from '../ports.ts';

/** Private keys as PKCS#8, each sealed under the current key-encryption key. */
export function createSealedPrivateKeys(store: SealedStore, keks: Keks): PrivateKeys {
  return {
    async add(tenantId, keyId, certificateId, key) {
      // A renewed certificate on the same key: the key is held, and what is sealed stays.
      if (await store.has(tenantId, keyId)) return;
      const secret = key.export({ type: 'pkcs8', format: 'der' });
      try {
        const header = { tenant: tenantId, keyId, certificateId };
        await store.put(tenantId, keyId, await sealSecret(secret, { kek: keks.current, header }));
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
      const secret = await unsealSecret(sealed, { keks, expect: { tenant: tenantId, keyId } });
      try {
        return createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' });
      } finally {
        secret.fill(0);
      }
    },
    has: (tenantId, keyId) => store.has(tenantId, keyId),
  };
}
