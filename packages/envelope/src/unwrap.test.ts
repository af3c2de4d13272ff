import { expect, test } from 'vitest';
import { parseEnvelope } from './envelope.ts';
import { createOwner, inChunks, patterned, sealFor } from './test-media.ts';
import { unwrapDek } from './unwrap.ts';

const owners = [await createOwner('first'), await createOwner('second')] as const;
const [owner] = owners;

test.each([0, 16, 31, 33, 245])('a session key of %d bytes is random ones, and wiped', async (size) => {
  const envelope = parseEnvelope((await sealFor([owner], inChunks(patterned(1)))).envelope);
  const decrypted = Buffer.alloc(size, 1);
  const dek = await unwrapDek(envelope, owner, async () => decrypted);
  expect(dek).toHaveLength(32);
  expect(dek.equals(Buffer.alloc(32, 1))).toBe(false);
  expect(decrypted.equals(Buffer.alloc(size))).toBe(true);
});

test('without a certificate, none of several recipients is tried', async () => {
  const envelope = parseEnvelope((await sealFor(owners, inChunks(patterned(1)))).envelope);
  let operations = 0;
  const decryptKey = async () => {
    operations += 1;
    return Buffer.alloc(32);
  };
  await expect(unwrapDek(envelope, { privateKey: owner.privateKey }, decryptKey)).rejects.toMatchObject({
    code: 'KEY_NOT_HELD',
  });
  expect(operations).toBe(0);
});
