import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEnvelope } from './envelope.ts';
import { openMedia } from './open-media.ts';
import { recipientFromCertificate } from './recipient.ts';
import { createMediaSealer } from './seal-media.ts';
import { SEGMENT_SIZE } from './segment-tags.ts';
import { SUITE_NAMES, SUITES } from './suites.ts';
import {
  collect,
  createOwner,
  dekOf,
  inChunks,
  open,
  patterned,
  readFrom,
  sealFor,
  tagged,
} from './test-media.ts';

const owners = [await createOwner('first'), await createOwner('second'), await createOwner('third')] as const;
const [owner] = owners;
const S = SEGMENT_SIZE;

describe.each(SUITE_NAMES)('what was sealed with %s comes out', (suite) => {
  const { cipher } = SUITES[suite];
  test.each([0, 1, 15, 16, 17, S - 17, S - 16, S - 1, S, S + 1, 2 * S - 16, 2 * S, 3_000_000])(
    '%d bytes',
    async (n) => {
      const plaintext = patterned(n);
      const sealed = await sealFor([owner], inChunks(plaintext), { suite });
      expect(sealed.ciphertextSize).toBe(sealed.ciphertext.length);
      expect(sealed.ciphertextSize).toBe(cipher.ciphertextSize(n));
      expect(sealed.tags.length).toBe(16 * Math.max(1, Math.ceil(sealed.ciphertext.length / S)));
      expect((await open(sealed, owner)).equals(plaintext)).toBe(true);
    },
  );

  test('for each of three recipients', async () => {
    const plaintext = patterned(100_000);
    const sealed = await sealFor(owners, inChunks(plaintext), { suite });
    for (const each of owners) expect((await open(sealed, each)).equals(plaintext)).toBe(true);
  });

  test('however the source cuts its chunks, and however the store cuts them', async () => {
    const plaintext = patterned(2 * S + 12_345);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: S + 20 }), { maxLength: 12 }),
        fc.integer({ min: 1000, max: 2 * S }),
        async (sizes, storeChunk) => {
          const sealed = await sealFor([owner], cut(plaintext, sizes), { suite });
          const stream = openMedia(
            tagged(sealed),
            await dekOf(sealed, owner),
            readFrom(sealed.ciphertext, storeChunk),
          );
          expect((await collect(stream)).equals(plaintext)).toBe(true);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('byte by byte', async () => {
    const plaintext = patterned(1000);
    const sealed = await sealFor([owner], inChunks(plaintext, 1), { suite });
    const stream = openMedia(tagged(sealed), await dekOf(sealed, owner), readFrom(sealed.ciphertext, 1));
    expect((await collect(stream)).equals(plaintext)).toBe(true);
  });

  test('when the consumer keeps every chunk and the source uses its buffer again', async () => {
    const plaintext = patterned(3 * S);
    const sealed = await sealFor([owner], reusing(plaintext), { suite });
    expect((await open(sealed, owner)).equals(plaintext)).toBe(true);
  });
});

describe.each(SUITE_NAMES)('ranges of %s', (suite) => {
  const plaintext = patterned(2 * S + 5000);
  const size = plaintext.length;
  const sealing = sealFor([owner], inChunks(plaintext), { suite });

  test('any range is that slice of the plaintext', async () => {
    const sealed = await sealing;
    const boundary = fc.constantFrom(
      0,
      1,
      15,
      16,
      S - 1,
      S,
      S + 1,
      2 * S - 1,
      2 * S,
      2 * S + 1,
      size - 1,
      size,
    );
    const position = fc.oneof(boundary, fc.nat(size));
    await fc.assert(
      fc.asyncProperty(position, position, async (a, b) => {
        const [offset, end] = a < b ? [a, b] : [b, a];
        const part = await open(sealed, owner, { offset, length: end - offset });
        expect(part.equals(plaintext.subarray(offset, end))).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test('a range reads its segments, the block before them, and nothing else', async () => {
    const sealed = await sealing;
    const reads: [number, number][] = [];
    const read = (offset: number, length: number) => {
      reads.push([offset, length]);
      return readFrom(sealed.ciphertext)(offset, length);
    };
    const media = tagged(sealed);
    const dek = await dekOf(sealed, owner);
    await collect(openMedia(media, dek, read, { offset: S + 10, length: 5 }));
    await collect(openMedia(media, dek, read, { offset: 0, length: 1 }));
    await collect(openMedia(media, dek, read, { offset: size - 1, length: 1 }));
    expect(reads).toEqual([
      [S - 16, S + 16],
      [0, S],
      [2 * S - 16, sealed.ciphertextSize - 2 * S + 16],
    ]);
  });

  test.each([
    { offset: 0, length: size + 1 },
    { offset: size + 1, length: 0 },
    { offset: -1, length: 1 },
    { offset: 0.5, length: 1 },
    { offset: 0, length: Number.NaN },
  ])('refuses $offset + $length', async (range) => {
    const sealed = await sealing;
    await expect(open(sealed, owner, range)).rejects.toMatchObject({ code: 'RANGE_NOT_SATISFIABLE' });
  });
});

describe('a sealer', () => {
  const recipient = recipientFromCertificate(owner.certificate);

  test('has no result before the ciphertext was read to its end', async () => {
    const sealer = createMediaSealer({ suite: 'pkcs7', recipients: [recipient] });
    expect(() => sealer.finish()).toThrow();
    for await (const _ of sealer.seal(inChunks(patterned(2 * S)))) break;
    expect(() => sealer.finish()).toThrow();
  });

  test('passes on the failure of its source, and seals only once', async () => {
    const sealer = createMediaSealer({ suite: 'pkcs7', recipients: [recipient] });
    await expect(collect(sealer.seal(failing()))).rejects.toThrow('the line went dead');
    expect(() => sealer.finish()).toThrow();
    await expect(collect(sealer.seal(inChunks(patterned(1))))).rejects.toThrow();
  });

  test('wants recipients, each once', () => {
    for (const recipients of [[], [recipient, recipient]]) {
      expect(() => createMediaSealer({ suite: 'pkcs7', recipients })).toThrow(/to encrypt to/);
    }
  });

  test('never uses a session key or IV again', async () => {
    const sealed = await Promise.all([1, 2].map(() => sealFor([owner], inChunks(patterned(100)))));
    const [one, two] = await Promise.all(sealed.map((each) => dekOf(each, owner)));
    expect(one?.equals(two ?? Buffer.alloc(32))).toBe(false);
    const [iv, other] = sealed.map((each) => parseEnvelope(each.envelope).iv);
    expect(iv?.equals(other ?? Buffer.alloc(16))).toBe(false);
  });
});

test('the store is let go when the listener leaves early', async () => {
  const sealed = await sealFor([owner], inChunks(patterned(3 * S)));
  let isReleased = false;
  async function* read(offset: number, length: number) {
    try {
      yield* readFrom(sealed.ciphertext)(offset, length);
    } finally {
      isReleased = true;
    }
  }
  for await (const _ of openMedia(tagged(sealed), await dekOf(sealed, owner), read)) break;
  expect(isReleased).toBe(true);
});

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at = Math.min(at + size, bytes.length);
  }
  yield bytes.subarray(at);
}

async function* reusing(bytes: Buffer): AsyncGenerator<Buffer> {
  const buffer = Buffer.alloc(100_000);
  for (let at = 0; at < bytes.length; at += buffer.length) {
    const length = bytes.copy(buffer, 0, at, at + buffer.length);
    yield buffer.subarray(0, length);
    buffer.fill(0xee);
  }
}

async function* failing(): AsyncGenerator<Buffer> {
  yield patterned(S + 1);
  throw new Error('the line went dead');
}
