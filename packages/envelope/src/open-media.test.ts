import { afterEach, describe, expect, test, vi } from 'vitest';
import { CONTENT_CIPHERS } from './content-ciphers.ts';
import { parseEnvelope } from './envelope.ts';
import { envelopeMac } from './envelope-mac.ts';
import { deriveMediaKeys } from './media-keys.ts';
import { openMedia } from './open-media.ts';
import { SEGMENT_SIZE } from './segment-tags.ts';
import { SUITE_NAMES, SUITES } from './suites.ts';
import { collect, createOwner, dekOf, inChunks, patterned, readFrom, sealFor, tagged } from './test-media.ts';

const S = SEGMENT_SIZE;
const owner = await createOwner('owner');
afterEach(() => void vi.restoreAllMocks());

async function sealed(suite: (typeof SUITE_NAMES)[number], size: number) {
  const made = await sealFor([owner], inChunks(patterned(size)), { suite });
  return { media: tagged(made), ciphertext: made.ciphertext, dek: await dekOf(made, owner) };
}

const FAILED = { code: 'DECRYPTION_FAILED' };

test('a range up to the end proves the end, though its last segment is nothing but padding', async () => {
  const { media, ciphertext, dek } = await sealed('pkcs7', 2 * S);
  const range = { offset: 2 * S - 10, length: 10 };
  expect(await collect(openMedia(media, dek, readFrom(ciphertext), range))).toHaveLength(10);
  ciphertext[2 * S] = (ciphertext[2 * S] ?? 0) ^ 1;
  await expect(collect(openMedia(media, dek, readFrom(ciphertext), range))).rejects.toMatchObject(FAILED);
});

describe.each(SUITE_NAMES)('%s', (suite) => {
  test('wants as many tags as there are segments, even for a range that needs fewer', async () => {
    const { media, ciphertext, dek } = await sealed(suite, 2 * S + 10);
    const range = { offset: 0, length: 1 };
    for (const tags of [media.tags.subarray(0, -16), Buffer.concat([media.tags, Buffer.alloc(16)])])
      await expect(
        collect(openMedia({ ...media, tags }, dek, readFrom(ciphertext), range)),
      ).rejects.toMatchObject(FAILED);
  });

  test('leaves none of the plaintext around a range behind', async () => {
    const { media, ciphertext, dek } = await sealed(suite, 2 * S);
    const decrypt = vi.spyOn(CONTENT_CIPHERS[SUITES[suite].cipher.name], 'decryptSegment');
    const range = { offset: 1000, length: S };
    const parts = await Array.fromAsync(openMedia(media, dek, readFrom(ciphertext), range));
    expect(Buffer.concat(parts).equals(patterned(2 * S).subarray(1000, S + 1000))).toBe(true);
    for (const part of parts) part.fill(0);
    expect(decrypt).toHaveBeenCalledTimes(2);
    for (const { value } of decrypt.mock.results)
      expect(value.every((byte: number) => byte === 0)).toBe(true);
  });
});

test('an end that the envelope lies about is found, even by those who have the key', async () => {
  const { media, ciphertext, dek } = await sealed('pkcs7', 2 * S + 3);
  const { iv, cipher } = parseEnvelope(media.envelope);
  const longer = { ...media, plaintextSize: media.plaintextSize + 1 };
  const lying = {
    ...longer,
    envelopeMac: envelopeMac(deriveMediaKeys(dek, iv, cipher, longer.tagSalt).macKey, longer),
  };
  await expect(collect(openMedia(lying, dek, readFrom(ciphertext)))).rejects.toMatchObject(FAILED);
});
