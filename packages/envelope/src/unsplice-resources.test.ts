import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { contextTag, elementHeader, integer, octetString, TAG } from '@sealtrack/certificates/der';
import { describe, expect, test } from 'vitest';
import { decodeArmor } from './armor.ts';
import { encodeContentInfo } from './encode-envelope.ts';
import { splicePkcs7 } from './splice.ts';
import { AUTH_ENVELOPED, ENVELOPED, fileOf, inChunksOf, indefinite, readWhole } from './test-files.ts';
import { unsplice } from './unsplice.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const MIB = 1024 * 1024;
const inUse = (): number => {
  // What the first one finds is given back by the second: that is done beside the running program.
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

/** A content, again and again, in a file in BER without lengths. */
const [beforeContent = Buffer.alloc(0), afterContent] = splitAt(
  fileOf(
    AUTH_ENVELOPED,
    indefinite(contextTag(0, true), Buffer.from('HERE')),
    Array.from({ length: 4 }, () => indefinite),
  ),
  'HERE',
);
async function* endless(pieces: Buffer, times: number): AsyncGenerator<Buffer> {
  yield beforeContent;
  for (let i = 0; i < times; i += 1) yield pieces;
  if (afterContent !== undefined) yield afterContent;
}

function splitAt(bytes: Buffer, text: string): Buffer[] {
  const at = bytes.indexOf(text);
  return [bytes.subarray(0, at), bytes.subarray(at + text.length)];
}

const CHUNK = Buffer.alloc(MIB / 4, 1);
const PIECES = Buffer.concat(Array.from({ length: 64 }, () => octetString(CHUNK.subarray(0, 4096))));
async function* inBase64(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let left = Buffer.alloc(0);
  yield Buffer.from('-----BEGIN PKCS7-----\n');
  for await (const chunk of source) {
    const bytes = Buffer.concat([left, chunk]);
    const whole = bytes.length - (bytes.length % 3);
    yield Buffer.from(`${bytes.toString('base64', 0, whole)}\n`);
    left = bytes.subarray(whole);
  }
  yield Buffer.from(`${left.toString('base64')}\n-----END PKCS7-----\n`);
}
async function* spliced(size: number): AsyncGenerator<Buffer> {
  const { prefix, suffix } = splicePkcs7(encodeContentInfo(AUTH_ENVELOPED), size);
  yield prefix;
  for (let left = size; left > 0; left -= CHUNK.length) yield CHUNK.subarray(0, left);
  yield suffix;
}

test.each([
  ['in one piece', () => spliced(256 * MIB)],
  ['in pieces of 4 KiB', () => endless(PIECES, 1024)],
  ['in PEM', () => decodeArmor(inBase64(endless(PIECES, 1024)))],
])('256 MiB %s pass through, and nothing of them stays in memory', async (_name, source) => {
  const before = inUse();
  const { ciphertext, envelope } = await unsplice(source());
  let [size, chunks, most] = [0, 0, 0];
  for await (const chunk of ciphertext ?? []) {
    size += chunk.length;
    chunks += 1;
    if (chunks % 500 === 0) most = Math.max(most, inUse() - before);
  }
  expect(size).toBe(256 * MIB);
  expect(chunks).toBeLessThan(10_000);
  expect(most).toBeLessThan(8 * MIB);
  expect(envelope()).toEqual(encodeContentInfo(AUTH_ENVELOPED));
});

test('sizes over 4 GiB are counted right', async () => {
  const size = 5 * 1024 * MIB + 16;
  const chunk = Buffer.alloc(256 * MIB);
  async function* source(): AsyncGenerator<Buffer> {
    const { prefix, suffix } = splicePkcs7(encodeContentInfo(AUTH_ENVELOPED), size);
    yield prefix;
    for (let left = size; left > 0; left -= chunk.length) yield chunk.subarray(0, left);
    yield suffix;
  }
  const { ciphertext, envelope } = await unsplice(source());
  let read = 0;
  for await (const part of ciphertext ?? []) read += part.length;
  expect(read).toBe(size);
  expect(envelope()).toEqual(encodeContentInfo(AUTH_ENVELOPED));
});

const beforeHead = beforeContent.subarray(0, beforeContent.indexOf(Buffer.concat(AUTH_ENVELOPED.head)));

describe('a length that lies', () => {
  test.each([
    ['a content', beforeContent.subarray(0, -2), contextTag(0), 2 ** 40],
    ['a piece', beforeContent, TAG.octetString, 2 ** 40],
    ['what is before the content', beforeHead, TAG.integer, MIB - 1000],
    ['more before the content than is accepted', beforeHead, TAG.integer, 2 ** 40],
    ['everything', Buffer.alloc(0), TAG.sequence, 2 ** 40],
  ])('of %s takes no memory', async (_name, before, tag, size) => {
    let taken = 0;
    async function* source(): AsyncGenerator<Buffer> {
      const start = inUse();
      yield Buffer.concat([before, elementHeader(tag, size), Buffer.alloc(10)]);
      taken = inUse() - start;
    }
    await expect(readWhole(source())).rejects.toMatchObject({ code: 'ENVELOPE_INVALID' });
    expect(taken).toBeLessThan(MIB / 4);
  });
});

test('what is announced to be too much is refused before it comes', async () => {
  let asked = 0;
  async function* source(): AsyncGenerator<Buffer> {
    yield Buffer.concat([beforeHead, elementHeader(TAG.integer, MIB)]);
    for (;;) {
      asked += 1;
      yield Buffer.alloc(1000);
    }
  }
  await expect(readWhole(source())).rejects.toMatchObject({ code: 'ENVELOPE_INVALID' });
  expect(asked).toBe(0);
});

test.each([
  ['all of it', Buffer.alloc(0), TAG.sequence],
  ['recipients', Buffer.concat([beforeHead, integer(Buffer.of(0))]), TAG.set],
  ['pieces', beforeContent, 0x24],
  ['attributes', Buffer.concat([beforeContent, Buffer.alloc(4)]), contextTag(1, true)],
])('a million elements inside each other are refused: %s', async (_name, before, tag) => {
  const bomb = Buffer.concat([before, Buffer.alloc(2 * MIB).fill(Buffer.of(tag, 0x80))]);
  for (const size of [bomb.length, 1000]) {
    await expect(readWhole(inChunksOf(bomb, size))).rejects.toMatchObject({ code: 'ENVELOPE_INVALID' });
  }
});

test('more elements around the content than are accepted are refused', async () => {
  const many = Buffer.alloc(4 * MIB).fill(octetString(Buffer.alloc(0)));
  const parts = { ...ENVELOPED, head: [ENVELOPED.head[0] ?? many, indefinite(TAG.set, many)] };
  const attributes = { ...ENVELOPED, tail: [indefinite(contextTag(1, true), many)] };
  for (const file of [fileOf(parts, Buffer.alloc(0)), fileOf(attributes, Buffer.of(contextTag(0), 0))]) {
    await expect(readWhole(inChunksOf(file, 65_536))).rejects.toMatchObject({
      message: 'The file has more around its content than is accepted',
    });
  }
});

test.each([
  ['empty', Buffer.of(0x04, 0), 0],
  ['of one byte', Buffer.of(0x04, 1, 7), 1],
  ['in empty pieces of their own', Buffer.of(0x24, 2, 0x24, 0, 0x24, 0x80, 0, 0), 0],
])('millions of pieces that are %s', async (_name, piece, bytes) => {
  const pieces = Buffer.concat(Array.from({ length: 24_000 }, () => piece));
  let size = 0;
  const { ciphertext } = await unsplice(endless(pieces, 100));
  for await (const chunk of ciphertext ?? []) {
    expect(chunk.equals(Buffer.alloc(chunk.length, 7))).toBe(true);
    size += chunk.length;
  }
  expect(size).toBe(100 * 24_000 * bytes);
});
