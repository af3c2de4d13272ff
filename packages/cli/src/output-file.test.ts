import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { writeOutputFile } from './output-file.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());

let dir: string;
let count = 0;
beforeEach(async () => {
  count += 1;
  dir = join(folder.path, String(count));
  await mkdir(dir);
});

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

describe('writeOutputFile', () => {
  test('writes what came, readable by its owner only', async () => {
    const path = join(dir, 'out');
    expect(await writeOutputFile(path, chunks('one', 'two'))).toBe(6);
    expect(readFileSync(path, 'utf8')).toBe('onetwo');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['out']);
  });

  test('leaves nothing when the stream fails half-way', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield* chunks('half of a recording');
      throw new Error('the other half is damaged');
    }
    await expect(writeOutputFile(join(dir, 'out'), failing())).rejects.toThrow('damaged');
    expect(readdirSync(dir)).toEqual([]);
  });

  test('keeps the old file when replacing it fails', async () => {
    const path = join(dir, 'out');
    writeFileSync(path, 'old');
    // biome-ignore lint/correctness/useYield: It fails before its first byte.
    async function* failing(): AsyncGenerator<Uint8Array> {
      throw new Error('refused');
    }
    await expect(writeOutputFile(path, failing(), { force: true })).rejects.toThrow('refused');
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  test('replaces nothing unless told to', async () => {
    const path = join(dir, 'out');
    writeFileSync(path, 'old');
    await expect(writeOutputFile(path, chunks('new'))).rejects.toMatchObject({ code: 'OBJECT_EXISTS' });
    expect(readFileSync(path, 'utf8')).toBe('old');
    await writeOutputFile(path, chunks('new'), { force: true });
    expect(readFileSync(path, 'utf8')).toBe('new');
  });

  test('replaces nothing that came up while it was writing', async () => {
    const path = join(dir, 'out');
    async function* meanwhile(): AsyncGenerator<Uint8Array> {
      yield* chunks('mine');
      writeFileSync(path, 'theirs');
    }
    await expect(writeOutputFile(path, meanwhile())).rejects.toMatchObject({ code: 'OBJECT_EXISTS' });
    expect(readFileSync(path, 'utf8')).toBe('theirs');
    expect(readdirSync(dir)).toEqual(['out']);
  });

  test('a folder that is not there is an error of the caller', async () => {
    await expect(writeOutputFile(join(dir, 'no/such/out'), chunks('x'))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      fix: expect.stringContaining('folder'),
    });
  });
});
