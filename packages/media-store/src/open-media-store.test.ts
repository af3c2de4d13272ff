import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { expect, test } from 'vitest';
import { inChunks, pattern } from './contract-bytes.ts';
import { openMediaStore } from './open-media-store.ts';

test('a file URL is the folder it names', async () => {
  await using temporary = await temporaryFolder();
  const folder = join(temporary.path, 'with a space');
  await using store = await openMediaStore(pathToFileURL(folder).href);
  await store.create('k', inChunks(pattern(5), 5));
  await using again = await openMediaStore(pathToFileURL(folder).href);
  expect(await again.size('k')).toBe(5);
});

test.each([
  '',
  'media',
  '/var/media',
  'file:media',
  'file://host/media',
  'ftp://host/media',
  'file:///a%2Fb',
])('%j names no store', async (url) => {
  const expected = { code: 'CONFIG_INVALID', fix: expect.stringContaining('file:///') };
  await expect(openMediaStore(url)).rejects.toMatchObject(expected);
});
