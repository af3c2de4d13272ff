import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { MediaStore } from './media-store.ts';

/** Bytes that differ from their neighbours and from those of another seed. */
export function pattern(size: number, seed = 0): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at++) bytes[at] = (at * 31 + (at >> 8) + seed * 97) & 0xff;
  return bytes;
}

/** `bytes` cut into chunks of these sizes, again and again. */
export async function* inChunks(bytes: Uint8Array, ...sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.byteLength; turn++) {
    const size = sizes[turn % sizes.length] ?? bytes.byteLength;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

export async function keys(store: MediaStore, prefix: string): Promise<string[]> {
  return await Array.fromAsync(store.list(prefix));
}

export const collect = async (content: AsyncIterable<Uint8Array>) =>
  Buffer.concat(await Array.fromAsync(content));
export const text = async (store: MediaStore, key: string) => (await collect(store.read(key))).toString();
export const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

export async function sha256(content: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of content) hash.update(chunk);
  return hash.digest('hex');
}

export async function expectAbsent(store: MediaStore, key: string): Promise<void> {
  await expect(store.size(key)).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
  expect(await keys(store, '')).toEqual([]);
}
