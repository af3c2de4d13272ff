import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cli } from '@sealtrack/cli/testing/run-cli';
import { expect, test } from 'vitest';
import { frozenMedia, ownerOf, plaintextOf, VECTORS } from './vectors.ts';

const envelope = (...args: readonly string[]) => cli(['envelope', ...args], { cwd: VECTORS });

test.each(frozenMedia())('sealtrack envelope opens and verifies $title', async (frozen) => {
  const { media, manifestFile, owners } = frozen;
  for (const { keyFile, certificateFile } of owners) {
    const identity = ['--media', media.mediaId, '--key', keyFile, '--cert', certificateFile];
    const opened = await envelope('open', manifestFile, ...identity, '--out', '-');
    expect(opened.code).toBe(0);
    expect(opened.stdout.equals(plaintextOf(media.plaintextSize))).toBe(true);
    expect((await envelope('verify', manifestFile, ...identity)).code).toBe(0);
  }
});

test('sealtrack envelope scrub finds them all undamaged', async () => {
  const { code, json } = await envelope('scrub', VECTORS, '--json');
  expect(code).toBe(0);
  expect(json().at(-1)).toMatchObject({ summary: { recordings: 18, damaged: 0 } });
});

test.each(readdirSync(join(VECTORS, 'foreign')))(
  'sealtrack envelope opens what others wrote: %s',
  async (name) => {
    const { keyFile, certificateFile } = ownerOf('anna');
    const identity = ['--key', keyFile, '--cert', certificateFile];
    const opened = await envelope('open', join('foreign', name), ...identity, '--out', '-');
    expect(opened.stdout.equals(plaintextOf(3000))).toBe(true);
  },
);
