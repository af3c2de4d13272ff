import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createChecksum } from './checksum.ts';
import { type ClearMedia, createClearKeeper, openClearMedia } from './clear-media.ts';
import { failedCheckOf } from './failures.ts';
import { SEGMENT_SIZE, TAG_SIZE } from './segment-tags.ts';
import { collect, inChunks, patterned, readFrom } from './test-media.ts';

const S = SEGMENT_SIZE;

async function kept(bytes: Buffer, chunk = 50_000): Promise<{ media: ClearMedia; stored: Buffer }> {
  const keeper = createClearKeeper();
  const stored = await collect(keeper.keep(inChunks(bytes, chunk)));
  return { media: keeper.finish(), stored };
}

describe.each([0, 1, S - 1, S, S + 1, 2 * S, 2 * S + 77])('%d bytes in clear', (size) => {
  const bytes = patterned(size);

  test('are stored as they are, in whatever chunks they come', async () => {
    const { media, stored } = await kept(bytes);
    expect(stored.equals(bytes)).toBe(true);
    expect(media).toMatchObject({ suite: 'clear', plaintextSize: size, ciphertextSize: size });
    expect(media.tags).toHaveLength(Math.max(1, Math.ceil(size / S)) * TAG_SIZE);
    const checksum = createChecksum();
    checksum.update(bytes);
    expect(media.checksum).toBe(checksum.digest());
    expect((await kept(bytes, S)).media).toEqual(media);
    expect((await kept(bytes, 3 * S)).media).toEqual(media);
  });

  test('come back whole', async () => {
    const { media, stored } = await kept(bytes);
    expect((await collect(openClearMedia(media, readFrom(stored)))).equals(bytes)).toBe(true);
  });
});

test('any range is that slice', async () => {
  const bytes = patterned(2 * S + 1000);
  const { media, stored } = await kept(bytes);
  const edges = fc.constantFrom(0, 1, S - 1, S, S + 1, 2 * S, 2 * S + 999, 2 * S + 1000);
  const at = fc.oneof(edges, fc.nat(bytes.length));
  await fc.assert(
    fc.asyncProperty(at, at, async (one, other) => {
      const [from, to] = [Math.min(one, other), Math.max(one, other)];
      const range = { offset: from, length: to - from };
      const part = await collect(openClearMedia(media, readFrom(stored), range));
      expect(part.equals(bytes.subarray(from, to))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('a source that uses its buffer again changes nothing', async () => {
  const bytes = patterned(S + 5);
  const keeper = createClearKeeper();
  const buffer = Buffer.alloc(70_000);
  async function* reusing(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += buffer.length) {
      const part = bytes.copy(buffer, 0, at);
      yield buffer.subarray(0, part);
      buffer.fill(0xff);
    }
  }
  const parts = await Array.fromAsync(keeper.keep(reusing()));
  expect(Buffer.concat(parts).equals(bytes)).toBe(true);
});

test('512 MiB pass through in constant memory', async () => {
  const block = Buffer.alloc(1024 * 1024, 7);
  const keeper = createClearKeeper();
  async function* source(): AsyncGenerator<Buffer> {
    for (let i = 0; i < 512; i += 1) yield block;
  }
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  for await (const chunk of keeper.keep(source())) {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    expect(chunk.length).toBe(S);
  }
  expect(keeper.finish().ciphertextSize).toBe(512 * 1024 * 1024);
  expect(most).toBeLessThan(128 * 1024 * 1024);
});

describe('rot', () => {
  const bytes = patterned(2 * S + 1000);
  const failsWith = async (check: object, run: () => AsyncIterable<Buffer>): Promise<Buffer> => {
    const seen: Buffer[] = [];
    try {
      for await (const part of run()) seen.push(part);
    } catch (error) {
      expect(error).toMatchObject({ code: 'DECRYPTION_FAILED' });
      expect(failedCheckOf(error)).toMatchObject(check);
      return Buffer.concat(seen);
    }
    throw new Error('nothing was noticed');
  };

  test('of a bit anywhere is found before a byte of its segment leaves', async () => {
    const { media, stored } = await kept(bytes);
    for (const at of [0, S - 1, S, 2 * S, bytes.length - 1]) {
      const rotten = Buffer.from(stored);
      rotten[at] = (rotten[at] ?? 0) ^ 1;
      const segment = Math.floor(at / S);
      const seen = await failsWith({ check: 'segment tag', segment }, () =>
        openClearMedia(media, readFrom(rotten)),
      );
      expect(seen.equals(bytes.subarray(0, segment * S))).toBe(true);
    }
  });

  test('a file that was cut short, or has its segments in another order, is no whole file', async () => {
    const { media, stored } = await kept(bytes);
    await failsWith({ check: 'ciphertext too short' }, () =>
      openClearMedia(media, readFrom(stored.subarray(0, -1))),
    );
    const swapped = Buffer.concat([stored.subarray(S, 2 * S), stored.subarray(0, S), stored.subarray(2 * S)]);
    await failsWith({ check: 'segment tag', segment: 0 }, () => openClearMedia(media, readFrom(swapped)));
  });

  test('an end that was cut off at a segment shows, even in a range that ends there', async () => {
    const { media, stored } = await kept(patterned(2 * S));
    const half = { ...media, plaintextSize: S, ciphertextSize: S, tags: media.tags.subarray(0, TAG_SIZE) };
    await failsWith({ check: 'segment tag', segment: 0 }, () =>
      openClearMedia(half, readFrom(stored.subarray(0, S)), { offset: S - 1, length: 1 }),
    );
  });

  test('sizes and tags that do not fit open nothing', async () => {
    const { media, stored } = await kept(bytes);
    const tags = media.tags.subarray(TAG_SIZE);
    for (const wrong of [
      { tags },
      { tags: Buffer.concat([media.tags, tags]) },
      { plaintextSize: 5 },
      { ciphertextSize: 5 },
      { plaintextSize: -1 },
      { plaintextSize: 0.5 },
    ])
      await failsWith({ check: 'sizes' }, () => openClearMedia({ ...media, ...wrong }, readFrom(stored)));
  });
});

test('a range that there is not is refused', async () => {
  const { media, stored } = await kept(patterned(10));
  for (const range of [
    { offset: 0, length: 11 },
    { offset: -1, length: 1 },
    { offset: 0.5, length: 1 },
  ])
    await expect(collect(openClearMedia(media, readFrom(stored), range))).rejects.toMatchObject({
      code: 'RANGE_NOT_SATISFIABLE',
    });
});

test('there is nothing to keep before the end was read, and a keeper is used once', async () => {
  const keeper = createClearKeeper();
  expect(() => keeper.finish()).toThrow(/not been read/);
  await collect(keeper.keep(inChunks(patterned(5))));
  await expect(collect(keeper.keep(inChunks(patterned(5))))).rejects.toThrow(/one media file/);
});
