import { expect, test } from 'vitest';
import { patternedStream, sha256Of } from './patterned-stream.ts';

const MIB = 1024 * 1024;

async function bytes(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(content));
}

test('gives exactly the bytes asked for, in chunks', async () => {
  expect(await bytes(patternedStream(0))).toHaveLength(0);
  expect(await bytes(patternedStream(100_001))).toHaveLength(100_001);
});

test('is the same for a seed whatever the chunks, and another for another seed', async () => {
  const sum = await sha256Of(patternedStream(MIB + 7, 1));
  expect(await sha256Of(patternedStream(MIB + 7, 1, 1_000))).toBe(sum);
  expect(await sha256Of(patternedStream(MIB + 7, 2))).not.toBe(sum);
});

test('sha256Of is what every other tool calls SHA-256', async () => {
  expect(await sha256Of([Buffer.from('a'), Buffer.from('bc')])).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});
