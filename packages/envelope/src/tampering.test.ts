import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONTENT_CIPHERS } from './content-ciphers.ts';
import { parseEnvelope } from './envelope.ts';
import { envelopeMac } from './envelope-mac.ts';
import { deriveMediaKeys } from './media-keys.ts';
import { openMedia } from './open-media.ts';
import type { PlaintextRange } from './plaintext-range.ts';
import type { TaggedMedia } from './sealed-media.ts';
import { SEGMENT_SIZE } from './segment-tags.ts';
import { SUITE_NAMES } from './suites.ts';
import { createOwner, dekOf, inChunks, patterned, readFrom, sealFor, tagged } from './test-media.ts';

const S = SEGMENT_SIZE;
const owner = await createOwner('owner');
const plaintext = patterned(2 * S + 5000);

const flipped = (bytes: Buffer, at: number, bit = 1): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ bit;
  return copy;
};

describe.each(SUITE_NAMES)('suite %s', (suite) => {
  const prepared = (async () => {
    const sealed = await sealFor([owner], inChunks(plaintext), { suite });
    return { ...sealed, genuine: tagged(sealed), dek: await dekOf(sealed, owner) };
  })();

  /** How many bytes came out before DECRYPTION_FAILED, all of which must be right. */
  async function bytesBeforeFailure(
    media: TaggedMedia,
    stored: Buffer,
    range?: PlaintextRange,
    key?: Buffer,
  ): Promise<number> {
    let out = 0;
    const start = range?.offset ?? 0;
    const { dek } = await prepared;
    try {
      for await (const chunk of openMedia(media, key ?? dek, readFrom(stored), range)) {
        expect(chunk.equals(plaintext.subarray(start + out, start + out + chunk.length))).toBe(true);
        out += chunk.length;
      }
    } catch (error) {
      expect(error).toMatchObject({
        code: 'DECRYPTION_FAILED',
        message: 'The media does not match its envelope and tags',
      });
      expect((error as Error).cause).toBeUndefined();
      return out;
    }
    throw new Error('nothing failed');
  }

  /**
   * What nobody without the session key can make: media with the right MAC over what it claims, so that the tags alone
   * stand against it.
   */
  async function withRightMac(media: TaggedMedia): Promise<TaggedMedia> {
    const { dek } = await prepared;
    const { iv, cipher } = parseEnvelope(media.envelope);
    return {
      ...media,
      envelopeMac: envelopeMac(deriveMediaKeys(dek, iv, cipher, media.tagSalt).macKey, media),
    };
  }

  async function claiming(ciphertextSize: number, tags: Buffer): Promise<TaggedMedia> {
    const { genuine } = await prepared;
    const isPadded = CONTENT_CIPHERS[parseEnvelope(genuine.envelope).cipher].blockSize > 1;
    const plaintextSize = isPadded ? ciphertextSize - 8 : ciphertextSize;
    return withRightMac({ ...genuine, ciphertextSize, plaintextSize, tags });
  }

  describe('no byte of a bad segment comes out', () => {
    test.each([
      [0, 0],
      [S - 1, 0],
      [S, S],
      [2 * S - 1, S],
      [2 * S, 2 * S],
      [2 * S + 4999, 2 * S],
    ])('a bit flipped at %d: %d good bytes', async (at, good) => {
      const { genuine, ciphertext } = await prepared;
      expect(await bytesBeforeFailure(genuine, flipped(ciphertext, at))).toBe(good);
    });

    test('any bit flipped anywhere', async () => {
      const { genuine, ciphertext } = await prepared;
      await fc.assert(
        fc.asyncProperty(fc.nat(ciphertext.length - 1), fc.nat(7), async (at, bit) => {
          const good = await bytesBeforeFailure(genuine, flipped(ciphertext, at, 1 << bit));
          expect(good).toBe(at - (at % S));
        }),
        { numRuns: 60 },
      );
    });

    test.each([0, 16, 47])('a bit flipped in the tags at %d', async (at) => {
      const { genuine, ciphertext } = await prepared;
      const good = await bytesBeforeFailure({ ...genuine, tags: flipped(genuine.tags, at) }, ciphertext);
      expect(good).toBe(Math.floor(at / 16) * S);
    });

    test('a bit flipped in the block before a range, which CBC would let through', async () => {
      const { genuine, ciphertext } = await prepared;
      const range = { offset: S, length: 100 };
      expect(await bytesBeforeFailure(genuine, flipped(ciphertext, S - 1), range)).toBe(0);
    });

    test('segments swapped, together with their tags', async () => {
      const { genuine, ciphertext } = await prepared;
      const segments = [0, S, 2 * S].map((at) => ciphertext.subarray(at, at + S));
      const tags = [0, 16, 32].map((at) => genuine.tags.subarray(at, at + 16));
      const swap = ([a, b, c]: readonly Buffer[]) =>
        Buffer.concat([b, a, c].filter((each) => each !== undefined));
      expect(await bytesBeforeFailure({ ...genuine, tags: swap(tags) }, swap(segments))).toBe(0);
    });

    test('another session key, or one of another length', async () => {
      const { genuine, ciphertext } = await prepared;
      for (const size of [32, 16, 0])
        expect(await bytesBeforeFailure(genuine, ciphertext, undefined, Buffer.alloc(size))).toBe(0);
    });

    test("another media file's tags", async () => {
      const { genuine, ciphertext } = await prepared;
      const other = await sealFor([owner], inChunks(plaintext), { suite });
      expect(await bytesBeforeFailure({ ...genuine, tags: other.tags }, ciphertext)).toBe(0);
    });
  });

  describe('a shorter or longer file is an error, never a short recording', () => {
    test.each([0, 1, 16, S - 1, S, S + 1, 2 * S, 2 * S + 4984, 2 * S + 4999])(
      'cut to %d bytes under the same manifest',
      async (size) => {
        const { genuine, ciphertext } = await prepared;
        expect(await bytesBeforeFailure(genuine, ciphertext.subarray(0, size))).toBe(size - (size % S));
      },
    );

    test.each([S, 2 * S])('cut to %d bytes, with a manifest that says so', async (size) => {
      const { genuine, ciphertext } = await prepared;
      const media = await claiming(size, genuine.tags.subarray(0, (size / S) * 16));
      expect(await bytesBeforeFailure(media, ciphertext.subarray(0, size))).toBe(size - S);
    });

    test('cut within the last segment, with a manifest that says so', async () => {
      const { genuine, ciphertext } = await prepared;
      const media = await claiming(ciphertext.length - 16, genuine.tags);
      expect(await bytesBeforeFailure(media, ciphertext.subarray(0, -16))).toBe(2 * S);
    });

    test('extended, with a manifest that says so', async () => {
      const { genuine, ciphertext } = await prepared;
      const longer = Buffer.concat([ciphertext, Buffer.alloc(S)]);
      const media = await claiming(longer.length, Buffer.concat([genuine.tags, Buffer.alloc(16)]));
      expect(await bytesBeforeFailure(media, longer)).toBe(2 * S);
    });

    test('a store that gives more than was asked for', async () => {
      const { genuine, ciphertext, dek } = await prepared;
      const read = () => inChunks(Buffer.concat([ciphertext, Buffer.alloc(1)]));
      const reading = Array.fromAsync(openMedia(genuine, dek, read));
      await expect(reading).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
    });

    test('tags that do not fit the size', async () => {
      const { genuine, ciphertext } = await prepared;
      const media = { ...genuine, tags: genuine.tags.subarray(16) };
      expect(await bytesBeforeFailure(media, ciphertext)).toBe(0);
    });
  });

  describe('the MAC of the envelope', () => {
    test('stands for every bit of it', async () => {
      const { genuine, ciphertext, dek } = await prepared;
      for (let at = 0; at < genuine.envelope.length; at += 1) {
        const media = { ...genuine, envelope: flipped(genuine.envelope, at, 1 << (at % 8)) };
        const reading = Array.fromAsync(openMedia(media, dek, readFrom(ciphertext)));
        const failure: unknown = await reading.catch((error: unknown) => error);
        expect(['DECRYPTION_FAILED', 'ENVELOPE_INVALID']).toContain((failure as { code?: string }).code);
      }
    });

    test.each([-1, 1, 16])('stands for the sizes, even for a range in the middle: %d', async (more) => {
      const { genuine, ciphertext } = await prepared;
      const range = { offset: 10, length: 10 };
      const other = { ...genuine, plaintextSize: genuine.plaintextSize + more };
      expect(await bytesBeforeFailure(other, ciphertext, range)).toBe(0);
    });

    test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 2 ** 64])(
      'has nothing to say of sizes that are none: %d',
      async (size) => {
        const { genuine, ciphertext } = await prepared;
        for (const sizes of [{ plaintextSize: size }, { ciphertextSize: size }])
          expect(
            await bytesBeforeFailure({ ...genuine, ...sizes }, ciphertext, { offset: 0, length: 1 }),
          ).toBe(0);
      },
    );

    test('stands for what the envelope was bound to', async () => {
      const { genuine, ciphertext } = await prepared;
      const [tenant = '', recording = '', ...rest] = genuine.boundTo;
      for (const boundTo of [
        [],
        [tenant, 'another call', ...rest],
        // Where a field ends is part of it.
        [`${tenant}${recording}`, '', ...rest],
        [...genuine.boundTo, ''],
      ])
        expect(await bytesBeforeFailure({ ...genuine, boundTo }, ciphertext)).toBe(0);
    });

    test('is 32 bytes and no beginning of them', async () => {
      const { genuine, ciphertext } = await prepared;
      for (const mac of [Buffer.alloc(0), genuine.envelopeMac.subarray(1), flipped(genuine.envelopeMac, 31)])
        expect(await bytesBeforeFailure({ ...genuine, envelopeMac: mac }, ciphertext)).toBe(0);
    });
  });
});
