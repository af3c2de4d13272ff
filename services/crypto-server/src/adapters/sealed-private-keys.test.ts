import { generateKeyPairSync } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId, KeyId, TenantId } from '@sealtrack/ids/ids';
import type { SealedStore } from '@sealtrack/sealed-store/redis-sealed-store';
import { expect, test } from 'vitest';
import { createSealedPrivateKeys } from './sealed-private-keys.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const der = privateKey.export({ type: 'pkcs8', format: 'der' });
const [tenantId, keyId, certificateId] = ['demo' as TenantId, 'k' as KeyId, 'c' as CertificateId];

/** Over a store and a keyring that keep hold of every secret that passes. */
function keysOf({ held = '', failure }: { held?: string; failure?: Error } = {}) {
  const secrets: Buffer[] = [];
  const store = {
    has: async () => held !== '',
    get: async () => held || undefined,
  } as unknown as SealedStore;
  const keys = createSealedPrivateKeys(store, {
    async putKey(secret, header) {
      secrets.push(secret);
      expect(secret.equals(der)).toBe(true);
      expect(header).toEqual({ tenant: tenantId, keyId, certificateId });
      if (failure !== undefined) throw failure;
    },
    async unsealKey(jwe, expected) {
      expect([jwe, expected]).toEqual([held, { tenant: tenantId, keyId }]);
      const secret = Buffer.from(failure === undefined ? der : 'no key');
      secrets.push(secret);
      return secret;
    },
  });
  const wiped = () => secrets.map((secret) => secret.every((byte) => byte === 0));
  return { wiped, keys, add: () => keys.add(tenantId, keyId, certificateId, privateKey) };
}

test('a key is wiped when it is sealed, also when that fails', async () => {
  const { add, wiped } = keysOf();
  await add();
  expect(wiped()).toEqual([true]);
  const failing = keysOf({ failure: new AppError('SEALED', 'It is sealed', { fix: 'Unseal it.' }) });
  await expect(failing.add()).rejects.toMatchObject({ code: 'SEALED' });
  expect(failing.wiped()).toEqual([true]);
});

test('a key that another import was quicker with stays, and one that is held is not even taken out', async () => {
  const exists = new AppError('OBJECT_EXISTS', 'It is held', { fix: 'Use it.' });
  const late = keysOf({ failure: exists });
  await late.add();
  expect(late.wiped()).toEqual([true]);
  const { add, wiped } = keysOf({ held: 'sealed' });
  await add();
  expect(wiped()).toEqual([]);
});

test('a key that is opened is the one that was sealed, and is wiped, also when it is none', async () => {
  const { keys, wiped } = keysOf({ held: 'sealed' });
  expect((await keys.get(tenantId, keyId))?.equals(privateKey)).toBe(true);
  expect(wiped()).toEqual([true]);
  const broken = keysOf({ held: 'sealed', failure: new Error() });
  await expect(broken.keys.get(tenantId, keyId)).rejects.toThrow();
  expect(broken.wiped()).toEqual([true]);
  expect(await keysOf().keys.get(tenantId, keyId)).toBeUndefined();
});
