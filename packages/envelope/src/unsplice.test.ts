import { contextTag, element, octetString, sequence, setOf, TAG } from '@sealtrack/certificates/der';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeContentInfo } from './encode-envelope.ts';
import {
  AUTH_ENVELOPED,
  ENVELOPED,
  fileOf,
  inChunksOf,
  indefinite,
  readWhole,
  type Wrap,
} from './test-files.ts';
import { unsplice } from './unsplice.ts';

/** OCTET STRINGs, in pieces at any of the depths that are read. */
const pieces = fc.letrec<{ piece: { element: Buffer; bytes: Buffer } }>((tie) => ({
  piece: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.uint8Array({ maxLength: 300 }).map((bytes) => ({
      element: octetString(bytes),
      bytes: Buffer.from(bytes),
    })),
    fc.tuple(fc.array(tie('piece'), { maxLength: 4 }), fc.boolean()).map(([inner, isDefinite]) => ({
      element: (isDefinite ? element : indefinite)(0x24, ...inner.map((each) => each.element)),
      bytes: Buffer.concat(inner.map(({ bytes }) => bytes)),
    })),
  ),
})).piece;
const content = fc.oneof(
  fc.constant({ element: Buffer.alloc(0), bytes: undefined }),
  fc.uint8Array({ maxLength: 1000 }).map((bytes) => ({
    element: element(contextTag(0), bytes),
    bytes: Buffer.from(bytes),
  })),
  fc.tuple(fc.array(pieces, { maxLength: 6 }), fc.boolean()).map(([inner, isDefinite]) => ({
    element: (isDefinite ? element : indefinite)(contextTag(0, true), ...inner.map((each) => each.element)),
    bytes: Buffer.concat(inner.map(({ bytes }) => bytes)),
  })),
);
const wrap = fc.constantFrom<Wrap>(element, indefinite);

test('every way to write the same, in any chunks, reads as the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(ENVELOPED, AUTH_ENVELOPED),
      content,
      fc.tuple(wrap, wrap, wrap, wrap),
      fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 5 }),
      async (parts, { element, bytes }, wraps, sizes) => {
        const file = fileOf(parts, element, wraps);
        const read = { ciphertext: bytes, envelope: encodeContentInfo(parts) };
        expect(await readWhole(inChunksOf(file, ...sizes))).toEqual(read);
        expect(await readWhole(inChunksOf(file, 1))).toEqual(read);
      },
    ),
    { numRuns: 500 },
  );
});

test('elements that are not DER are kept as they were written', async () => {
  const recipients = Array.from({ length: 15 }).reduce<Buffer>(
    (inner) => indefinite(TAG.sequence, inner),
    sequence(),
  );
  const parts = { ...ENVELOPED, head: [Buffer.of(2, 0x81, 1, 0), indefinite(TAG.set, recipients)] };
  const { envelope } = await readWhole(inChunksOf(fileOf(parts, Buffer.alloc(0)), 3));
  expect(envelope).toEqual(encodeContentInfo(parts));
});

test('hundreds of recipients are kept', async () => {
  const recipients = Array.from({ length: 256 }, (_, i) => octetString(Buffer.alloc(1300, i)));
  const parts = { ...ENVELOPED, head: [...ENVELOPED.head.slice(0, 1), setOf(...recipients)] };
  for (const size of [1, 5000, 1_000_000]) {
    const { envelope } = await readWhole(inChunksOf(fileOf(parts, Buffer.alloc(0)), size));
    expect(envelope.equals(encodeContentInfo(parts))).toBe(true);
  }
});

test('pieces small and large stay in their order', async () => {
  const sizes = [1, 20_000, 5, 100_000, 16_383, 16_384, 10_000, 15_000, 15_000, 15_000, 15_000, 0, 70_000, 3];
  const parts = sizes.map((size, i) => Buffer.alloc(size, i));
  const file = fileOf(ENVELOPED, indefinite(contextTag(0, true), ...parts.map(octetString)));
  for (const size of [file.length, 30_000, 7]) {
    const { ciphertext } = await readWhole(inChunksOf(file, size));
    expect(ciphertext?.equals(Buffer.concat(parts))).toBe(true);
  }
});

describe('the source', () => {
  const file = fileOf(ENVELOPED, element(contextTag(0), Buffer.alloc(100_000, 5)));

  test('is read only as far as asked for, and its chunks are passed on without copying', async () => {
    let asked = 0;
    async function* counted(): AsyncGenerator<Buffer> {
      for await (const chunk of inChunksOf(file, 1000)) {
        asked += 1;
        yield chunk;
      }
    }
    const { ciphertext } = await unsplice(counted());
    expect(asked).toBe(1);
    for (let expected = 1; expected < 50; expected += 1) {
      const { value } = (await ciphertext?.next()) ?? {};
      expect(asked).toBe(expected);
      expect(value?.buffer).toBe(file.buffer);
    }
  });

  test('is ended when the reader stops, and when the file is refused', async () => {
    const ended: string[] = [];
    async function* watched(name: string, bytes: Buffer): AsyncGenerator<Buffer> {
      try {
        yield* inChunksOf(bytes, 100);
      } finally {
        ended.push(name);
      }
    }
    const { ciphertext, envelope } = await unsplice(watched('stopped', file));
    for await (const chunk of ciphertext ?? []) if (chunk.length > 0) break;
    expect(() => envelope()).toThrow('not been read to its end');
    await expect(unsplice(watched('refused', Buffer.alloc(1000)))).rejects.toThrow();
    await expect(readWhole(watched('refused later', file.subarray(0, -1)))).rejects.toThrow();
    expect(ended).toEqual(['stopped', 'refused', 'refused later']);
  });

  test.each([50, 50_000])('may fail after %d bytes, and its error is thrown as it is', async (size) => {
    const failure = new Error('the disk is gone');
    async function* broken(): AsyncGenerator<Buffer> {
      yield file.subarray(0, size);
      throw failure;
    }
    await expect(readWhole(broken())).rejects.toBe(failure);
  });
});
