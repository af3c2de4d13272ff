import { randomBytes } from 'node:crypto';
import { mkdirSync, symlinkSync, truncateSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSealedFile } from '../envelope/sealed-file.ts';
import { sealedMediaOf } from '../envelope/sealed-media.ts';
import { sealedFiles } from '../testing/sealed-files.ts';

const files = await sealedFiles();
afterAll(() => files.remove());
const { run } = files;

beforeAll(async () => {
  await files.createOwner('anna');
  await files.seal('recording.json', ['anna'], [{ ciphertext: 'main.enc', content: randomBytes(300_000) }]);
  await run('envelope', 'splice', 'recording.json', '--out', 'whole.p7m');
  files.write('apart/content.enc', files.read('whole.p7m'));
  symlinkSync('main.enc', files.at('link.enc'));
  symlinkSync('.', files.at('here'));
});

const key = ['--key', 'anna.key'];
const facts = ['--recording-id', 'c', '--profile', '1', '--started-at', '2026-03-01T14:05:00Z'];

test.each([
  [
    'the private key',
    'anna.key',
    ['rewrap', 'recording.json', ...key, '--to', 'anna.crt', '--out', 'anna.key'],
  ],
  [
    'the ciphertext',
    'main.enc',
    ['rewrap', 'recording.json', ...key, '--to', 'anna.crt', '--out', 'main.enc'],
  ],
  [
    'the ciphertext by another path',
    'main.enc',
    ['rewrap', 'recording.json', ...key, '--to', 'anna.crt', '--out', 'here/main.enc'],
  ],
  [
    'the ciphertext of an envelope, given by a link',
    'main.enc',
    ['rewrap', 'recording.pem', '--content', 'link.enc', ...key, '--to', 'anna.crt', '--out', 'main.enc'],
  ],
  ['the private key', 'anna.key', ['open', 'recording.json', ...key, '--out', 'anna.key']],
  ['the ciphertext', 'main.enc', ['open', 'recording.json', ...key, '--out', 'main.enc']],
  ['the ciphertext', 'main.enc', ['splice', 'recording.json', '--out', 'main.enc']],
  [
    'the private key',
    'anna.key',
    ['import', 'recording.pem', '--content', 'main.enc', ...key, ...facts, '--out', 'anna.key'],
  ],
  // Its envelope is written after its ciphertext: between the two, nobody would have it.
  ['the file that is taken apart', 'apart/content.enc', ['unsplice', 'apart/content.enc', '--out', 'apart']],
  [
    'the file that is taken apart',
    'whole.p7m',
    ['unsplice', 'whole.p7m', '--envelope', 'whole.p7m', '--content', 'new.enc'],
  ],
])('%s is not replaced by what is made of it, even by force', async (_what, file, args) => {
  const before = files.read(file);
  const { code, stderr } = await run('envelope', ...args, '--force', '--json');
  expect({ code, error: JSON.parse(stderr).error }).toMatchObject({
    code: 2,
    error: { code: 'INVALID_ARGUMENT', message: expect.stringMatching(/ is the .*, and would be replaced$/) },
  });
  expect(files.read(file).equals(before)).toBe(true);
});

test('a folder in the place of the output is refused as such', async () => {
  mkdirSync(files.at('taken'));
  const result = await run('envelope', 'splice', 'recording.json', '--out', 'taken', '--force', '--json');
  expect(JSON.parse(result.stderr).error).toMatchObject({ code: 'INVALID_ARGUMENT' });
});

test('a ciphertext that becomes shorter while it is read makes no file that looks whole', async () => {
  files.write('shrinks.enc', files.read('main.enc'));
  const context = { signal: new AbortController().signal, progress: (source: unknown) => source } as never;
  const sealed = await readSealedFile(context, files.at('recording.pem'));
  const { read, ciphertextSize } = await sealedMediaOf(context, sealed, { content: files.at('shrinks.enc') });
  truncateSync(files.at('shrinks.enc'), 100_000);
  await expect(Array.fromAsync(read(0, ciphertextSize))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});
