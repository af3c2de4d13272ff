import { constants, createHash, privateDecrypt, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { decryptKeyHere } from './decrypt-key.ts';
import { PKCS1_V1_5 } from './key-transport.ts';
import { type DecryptPkcs1, proveImplicitRejection, testImplicitRejection } from './self-test.ts';
import { createOwner } from './test-media.ts';

const real: DecryptPkcs1 = (key, ciphertext) =>
  privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, ciphertext);

/** The block under the encryption, for runtimes made up here. */
const blockOf: DecryptPkcs1 = (key, ciphertext) =>
  privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, ciphertext);

const messageIn = (block: Buffer): Buffer | undefined => {
  const separator = block.indexOf(0, 2);
  return block[0] === 0 && block[1] === 2 && separator >= 10 ? block.subarray(separator + 1) : undefined;
};

test('this runtime passes', async () => {
  await testImplicitRejection(real);
});

/** What a runtime must not do with a wrong block. */
const UNSAFE: Readonly<Record<string, (block: Buffer, ciphertext: Buffer) => Buffer>> = {
  'throws, as OpenSSL before 3.2 does': () => {
    throw new Error('padding check failed');
  },
  'gives nothing': () => Buffer.alloc(0),
  'gives the same bytes for all': () => Buffer.alloc(32, 7),
  'gives other bytes every time': () => randomBytes(32),
  'gives more bytes than fit': (_, ciphertext) =>
    Buffer.concat([createHash('sha512').update(ciphertext).digest(), Buffer.alloc(182)]),
  'takes any first bytes': (block) => block.subarray(block.indexOf(0, 2) + 1),
};

test.each(Object.entries(UNSAFE))('a runtime that %s is refused', async (_, wrong) => {
  const decrypt: DecryptPkcs1 = (key, ciphertext) => {
    const block = blockOf(key, ciphertext);
    return messageIn(block) ?? wrong(block, ciphertext);
  };
  await expect(testImplicitRejection(decrypt)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

test('a runtime that decrypts short padding, and is right otherwise, is refused', async () => {
  const decrypt: DecryptPkcs1 = (key, ciphertext) => {
    const block = blockOf(key, ciphertext);
    return block.indexOf(0, 2) === 9 ? block.subarray(10) : real(key, ciphertext);
  };
  await expect(testImplicitRejection(decrypt)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

test('a runtime that does not decrypt what is right is refused', async () => {
  const decrypt: DecryptPkcs1 = (_, ciphertext) => createHash('sha256').update(ciphertext).digest();
  await expect(testImplicitRejection(decrypt)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

test('it is proven once in a process, and decryption on this thread waits for it', async () => {
  const { privateKey } = await createOwner('Test');
  const order: string[] = [];
  const decrypted = decryptKeyHere(PKCS1_V1_5, privateKey, Buffer.alloc(256, 1)).then(() => {
    order.push('decrypted');
  });
  const proof = proveImplicitRejection();
  expect(proveImplicitRejection()).toBe(proof);
  await Promise.all([decrypted, proof.then(() => order.push('proven'))]);
  expect(order).toEqual(['proven', 'decrypted']);
});
