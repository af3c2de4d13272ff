import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { deriveMediaKeys } from './media-keys.ts';
import { SUITES } from './suites.ts';
import { createOwner, inChunks, patterned, sealFor } from './test-media.ts';

// Computed with OpenSSL's command line (enc, kdf, mac); the commands are in docs/envelope.md.
const DEK = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex');
const IV = Buffer.from('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff', 'hex');

const KNOWN = {
  pkcs7: {
    tagKey: 'a25f4ff60b10ad72b3b2f8ec636e091f205c15a41ae0c2950294bc09d7b07301',
    macKey: '9b1675d857acb92ca12fd7c299e9d689b4a7e8b29e6d51d4729e59ab183164d7',
    ciphertext: '57e04fb766cb7b464883476191dd85fb2f4cec2a2c78b4d88ae5e6a404032ad1',
    ciphertextSize: 300_016,
    tags: '2a5836ad301f60c4cf8966c5f1620fe67415ee117e38ef698d213a0532139eb5',
    checksum: 'gmac0:ff5389d8257db24a96460bd1a49bbe63',
    empty: {
      ciphertext: 'edaf9e57d045ac857f023f9dc238b14e',
      tags: 'd3530f225b73c1551cb749a7075532b6',
      checksum: 'gmac0:29ef336ba4159f0a3632f14c4f0ec218',
    },
  },
  cms: {
    tagKey: 'e489d1e4db0b93e557c258a6bb04ec25f791233c76921c96f8889128ff8f18a6',
    macKey: 'b7e30b18d0ae63a518153109dbe0e39a4dbef26589a6bf40e51cce6024c69fac',
    ciphertext: '603aa7facadb0a16867e1bbf8cb8d1dfc87d69efbb0491dbd587ae883aee3e17',
    ciphertextSize: 300_000,
    tags: '46773ef1a7c282c7f91671e64a483d4e5a0d74b08c70b25e79450f17e6fd1068',
    checksum: 'gmac0:efc887800a1ccbae28544f513f5c9377',
    empty: {
      ciphertext: '',
      tags: '76f1f6c72cdb0029ba0fb4be529f804f',
      checksum: 'gmac0:530f8afbc74536b9a963b4f1c4cb738b',
    },
  },
} as const;

const owner = await createOwner('known answer');
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const known = (): ((size: number) => Buffer) => {
  const given = [DEK, IV];
  return (size) => Buffer.from(given.shift()?.subarray(0, size) ?? []);
};

describe.each(['pkcs7', 'cms'] as const)('suite %s', (suite) => {
  const answer = KNOWN[suite];
  const seal = (plaintext: Buffer) => sealFor([owner], inChunks(plaintext), { suite, randomBytes: known() });

  test('derives its keys by HKDF-SHA-256 of the session key, with the IV as salt', () => {
    const { cipher } = SUITES[suite];
    const { tagKey, macKey } = deriveMediaKeys(DEK, IV.subarray(0, cipher.ivSize), cipher.name);
    expect(tagKey.export().toString('hex')).toBe(answer.tagKey);
    expect(macKey.export().toString('hex')).toBe(answer.macKey);
  });

  test('makes the known ciphertext, tags and checksum of two segments', async () => {
    const sealed = await seal(patterned(300_000));
    expect(sha256(sealed.ciphertext)).toBe(answer.ciphertext);
    expect(sealed.tags.toString('hex')).toBe(answer.tags);
    expect(sealed).toMatchObject({
      ciphertextSize: answer.ciphertextSize,
      plaintextSize: 300_000,
      checksum: answer.checksum,
    });
  });

  test('makes one segment of empty media', async () => {
    const sealed = await seal(Buffer.alloc(0));
    expect(sealed.ciphertext.toString('hex')).toBe(answer.empty.ciphertext);
    expect(sealed.tags.toString('hex')).toBe(answer.empty.tags);
    expect(sealed).toMatchObject({ plaintextSize: 0, checksum: answer.empty.checksum });
  });

  test('zeroes the session key when the ciphertext begins', async () => {
    const dek = Buffer.from(DEK);
    const given = [dek, IV];
    const randomBytes = (size: number): Buffer => (given.shift() ?? Buffer.alloc(0)).subarray(0, size);
    await sealFor([owner], inChunks(patterned(10)), { suite, randomBytes });
    expect(dek.equals(Buffer.alloc(32))).toBe(true);
  });
});
