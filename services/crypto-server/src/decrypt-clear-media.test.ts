import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { plain, playback, rangeOf, taken } from './testing/playable.ts';

const { record, player } = await playback();

test.each(['pkcs7', 'cms', ''])(
  'a manifest that says clear, of media that the index has as "%s", plays nothing and exports nothing',
  async (indexed) => {
    const { recordingId } = await record('clear');
    const { play, exportOf, requested } = player({ indexed });
    const refused = { code: 'MANIFEST_INVALID', message: expect.stringContaining('the index') };
    expect((await taken(play(recordingId))).error).toMatchObject(refused);
    await expect(Array.fromAsync(exportOf(recordingId))).rejects.toMatchObject(refused);
    expect(requested).toEqual([]);
  },
);

test('there is no PKCS#7 file of it, and none is on record', async () => {
  const { recordingId } = await record('clear');
  const { exportOf, exported, ended } = player();
  await expect(Array.fromAsync(exportOf(recordingId))).rejects.toMatchObject({ code: 'MEDIA_NOT_ENCRYPTED' });
  expect([...exported, ...ended]).toEqual([]);
});

test('rot is found before a byte of its segment leaves, and stands on record', async () => {
  const { recordingId, path } = await record('clear');
  const bytes = await readFile(path);
  bytes[300_000] = (bytes[300_000] ?? 0) ^ 1;
  await writeFile(path, bytes);
  const { play, ended } = player();
  const got = await taken(play(recordingId));
  expect(got.error).toMatchObject({ code: 'DECRYPTION_FAILED' });
  expect(got.bytes.equals(plain.subarray(0, 262_144))).toBe(true);
  expect(ended).toMatchObject([{ failedCheck: 'segment tag', segment: 1n, bytes: 262_144n }]);
});

test.each([
  ['cut short', (path: string) => truncate(path, 262_144)],
  ['made longer', (path: string) => appendFile(path, Buffer.alloc(1))],
])('a file that was %s gives not even its header', async (_, change) => {
  const { recordingId, path } = await record('clear');
  await change(path);
  const got = await taken(player().play(recordingId, rangeOf(0, 5)));
  expect(got).toMatchObject({ kinds: [], error: { code: 'DECRYPTION_FAILED' } });
});
