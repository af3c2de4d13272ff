import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { deriveTagKey } from './segment-tags.ts';
import { createOwner, inChunks, patterned, sealFor } from './test-media.ts';

// Computed with OpenSSL's command line (enc, kdf, mac); the commands are in docs/envelope.md.
const DEK = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex');
const IV = Buffer.from('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff', 'hex');
const TAG_KEY = '8315fe7acc720e98e5c921e563f5685800146b460ebcdd800bdcba07931f930f';

const owner = await createOwner('known answer');
const known = (): ((size: number) => Buffer) => {
  const given = [Buffer.from(DEK), Buffer.from(IV)];
  return () => given.shift() ?? Buffer.alloc(0);
};

test('the tag key is HKDF-SHA-256 of the session key, with the IV as salt', () => {
  expect(deriveTagKey(DEK, IV, 'pkcs7').export().toString('hex')).toBe(TAG_KEY);
});

test('two segments of known plaintext have the known ciphertext, tags and checksum', async () => {
  const sealed = await sealFor([owner], inChunks(patterned(300_000)), { randomBytes: known() });
  expect(createHash('sha256').update(sealed.ciphertext).digest('hex')).toBe(
    '57e04fb766cb7b464883476191dd85fb2f4cec2a2c78b4d88ae5e6a404032ad1',
  );
  expect(sealed.tags.toString('hex')).toBe(
    'e877f468767ad76dd5859f200628980a680ac90b9105f6e439edf846194b5223',
  );
  expect(sealed).toMatchObject({
    ciphertextSize: 300_016,
    plaintextSize: 300_000,
    checksum: 'gmac0:ff5389d8257db24a96460bd1a49bbe63',
  });
});

test('empty media have one segment: a block of padding', async () => {
  const sealed = await sealFor([owner], inChunks(Buffer.alloc(0)), { randomBytes: known() });
  expect(sealed.ciphertext.toString('hex')).toBe('edaf9e57d045ac857f023f9dc238b14e');
  expect(sealed.tags.toString('hex')).toBe('81e2cca7d6ccb3f66bc41f0e406e454e');
  expect(sealed).toMatchObject({
    ciphertextSize: 16,
    plaintextSize: 0,
    checksum: 'gmac0:29ef336ba4159f0a3632f14c4f0ec218',
  });
});

test('the session key is zeroed when the ciphertext begins', async () => {
  const dek = Buffer.from(DEK);
  const given = [dek, Buffer.from(IV)];
  await sealFor([owner], inChunks(patterned(10)), { randomBytes: () => given.shift() ?? Buffer.alloc(0) });
  expect(dek.equals(Buffer.alloc(32))).toBe(true);
});
