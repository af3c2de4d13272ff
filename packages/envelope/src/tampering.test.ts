import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MediaToOpen, openMedia, type PlaintextRange } from './open-media.ts';
import { SEGMENT_SIZE } from './segment-tags.ts';
import { createOwner, inChunks, mediaToOpen, patterned, readFrom, sealFor } from './test-media.ts';

const S = SEGMENT_SIZE;
const owner = await createOwner('owner');
const plaintext = patterned(2 * S + 5000);
const sealed = await sealFor([owner], inChunks(plaintext));
const genuine = mediaToOpen(sealed, owner);
const { ciphertext } = sealed;

const flipped = (bytes: Buffer, at: number, bit = 1): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ bit;
  return copy;
};

/** How many bytes came out before DECRYPTION_FAILED, all of which must be right. */
async function bytesBeforeFailure(
  media: MediaToOpen,
  stored: Buffer,
  range?: PlaintextRange,
): Promise<number> {
  let out = 0;
  const start = range?.offset ?? 0;
  try {
    for await (const chunk of openMedia(media, readFrom(stored), range)) {
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

/** A manifest that was made to fit another ciphertext, as whoever can write to the store can. */
function claiming(ciphertextSize: number, tags: Buffer): MediaToOpen {
  return { ...genuine, ciphertextSize, plaintextSize: ciphertextSize - 8, tags };
}

describe('no byte of a bad segment comes out', () => {
  test.each([
    [0, 0],
    [S - 1, 0],
    [S, S],
    [2 * S - 1, S],
    [2 * S, 2 * S],
    [ciphertext.length - 1, 2 * S],
  ])('a bit flipped at %d: %d good bytes', async (at, good) => {
    expect(await bytesBeforeFailure(genuine, flipped(ciphertext, at))).toBe(good);
  });

  test('any bit flipped anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(ciphertext.length - 1), fc.nat(7), async (at, bit) => {
        const good = await bytesBeforeFailure(genuine, flipped(ciphertext, at, 1 << bit));
        expect(good).toBe(at - (at % S));
      }),
      { numRuns: 60 },
    );
  });

  test('a bit flipped in the IV', async () => {
    expect(await bytesBeforeFailure({ ...genuine, iv: flipped(genuine.iv, 3) }, ciphertext)).toBe(0);
  });

  test.each([0, 16, 47])('a bit flipped in the tags at %d', async (at) => {
    const good = await bytesBeforeFailure({ ...genuine, tags: flipped(genuine.tags, at) }, ciphertext);
    expect(good).toBe(Math.floor(at / 16) * S);
  });

  test('a bit flipped in the block before a range, which CBC would let through', async () => {
    const range = { offset: S, length: 100 };
    expect(await bytesBeforeFailure(genuine, flipped(ciphertext, S - 1), range)).toBe(0);
  });

  test('segments swapped, together with their tags', async () => {
    const [first, second, rest] = [
      ciphertext.subarray(0, S),
      ciphertext.subarray(S, 2 * S),
      ciphertext.subarray(2 * S),
    ];
    const [a, b, c] = [0, 16, 32].map((at) => genuine.tags.subarray(at, at + 16)) as [Buffer, Buffer, Buffer];
    const media = { ...genuine, tags: Buffer.concat([b, a, c]) };
    expect(await bytesBeforeFailure(media, Buffer.concat([second, first, rest]))).toBe(0);
  });

  test('another session key', async () => {
    expect(await bytesBeforeFailure({ ...genuine, dek: Buffer.alloc(32) }, ciphertext)).toBe(0);
  });

  test("another media file's tags", async () => {
    const other = await sealFor([owner], inChunks(plaintext));
    expect(await bytesBeforeFailure({ ...genuine, tags: other.tags }, ciphertext)).toBe(0);
  });
});

describe('a shorter or longer file is an error, never a short recording', () => {
  test.each([0, 1, 16, S - 1, S, S + 1, 2 * S, ciphertext.length - 16, ciphertext.length - 1])(
    'cut to %d bytes under the same manifest',
    async (size) => {
      expect(await bytesBeforeFailure(genuine, ciphertext.subarray(0, size))).toBe(size - (size % S));
    },
  );

  test.each([S, 2 * S])('cut to %d bytes, with a manifest that says so', async (size) => {
    const media = claiming(size, genuine.tags.subarray(0, (size / S) * 16));
    expect(await bytesBeforeFailure(media, ciphertext.subarray(0, size))).toBe(size - S);
  });

  test('cut within the last segment, with a manifest that says so', async () => {
    const media = claiming(ciphertext.length - 16, genuine.tags);
    expect(await bytesBeforeFailure(media, ciphertext.subarray(0, -16))).toBe(2 * S);
  });

  test('extended, with a manifest that says so', async () => {
    const longer = Buffer.concat([ciphertext, Buffer.alloc(S)]);
    const media = claiming(longer.length, Buffer.concat([genuine.tags, Buffer.alloc(16)]));
    expect(await bytesBeforeFailure(media, longer)).toBe(2 * S);
  });

  test('a store that gives more than was asked for', async () => {
    const read = () => inChunks(Buffer.concat([ciphertext, Buffer.alloc(1)]));
    const reading = Array.fromAsync(openMedia(genuine, read));
    await expect(reading).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
  });

  test.each([plaintext.length - 1, plaintext.length + 1, 0])(
    'a manifest that says %d bytes of plaintext',
    async (n) => {
      const end = { offset: Math.min(n, plaintext.length), length: Math.max(0, n - plaintext.length) };
      await bytesBeforeFailure({ ...genuine, plaintextSize: n }, ciphertext, end);
    },
  );

  test('tags that do not fit the size', async () => {
    expect(await bytesBeforeFailure({ ...genuine, tags: genuine.tags.subarray(16) }, ciphertext)).toBe(0);
  });
});
