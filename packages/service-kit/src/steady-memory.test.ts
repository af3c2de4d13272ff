import { getHeapStatistics } from 'node:v8';
import { expect, test } from 'vitest';
import { giveBackMemory, steadily } from './steady-memory.ts';

const CHUNK = 256 * 1024;
const CHUNKS = 2_000;

/** Every chunk with a copy of its own, as a transport or a cipher makes one. */
async function* media(): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < CHUNKS; index += 1) yield Buffer.allocUnsafeSlow(CHUNK).fill(index % 251);
}

test('500 MB pass, the same as they came, and never more than a few of them lie in memory', async () => {
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  let index = 0;
  for await (const chunk of steadily(media())) {
    const copy = Buffer.from(chunk);
    expect(copy[CHUNK - 1]).toBe(index % 251);
    index += 1;
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  expect(index).toBe(CHUNKS);
  // Left to itself it reaches 90 MB.
  expect(most).toBeLessThan(48 * 1024 * 1024);
});

test('an error of the source is thrown as it is', async () => {
  const failure = new Error('the source broke off');
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(1);
    throw failure;
  }
  await expect(Array.fromAsync(steadily(broken()))).rejects.toBe(failure);
});

test('what a busy start left behind goes back to the system', () => {
  const kept: object[] = [];
  for (let index = 0; index < 1_000_000; index += 1) kept[index % 200_000] = { index };
  kept.length = 0;
  const before = getHeapStatistics().total_physical_size;
  giveBackMemory();
  expect(getHeapStatistics().total_physical_size).toBeLessThan(before - 16 * 1024 * 1024);
});
