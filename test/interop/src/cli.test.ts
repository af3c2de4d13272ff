import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cli } from '@sealtrack/cli/testing/run-cli';
import { expect, test } from 'vitest';
import { genesysByHand } from './testing/genesys.ts';
import { plaintextOf, SEGMENT } from './testing/media.ts';
import { createOwners } from './testing/owners.ts';
import { createWorkbench } from './testing/workbench.ts';

const bench = await createWorkbench();
const [anna] = await createOwners(bench, [2048]);
const plaintext = plaintextOf(SEGMENT + 1000);
const envelope = (...args: readonly string[]) => cli(['envelope', ...args, '--json'], { cwd: bench.folder });
const key = ['--key', anna.keyFile];

test('a recording of Genesys opens, is imported, and then opens as one of ours and with OpenSSL', async () => {
  const { pem, ciphertext } = await genesysByHand(bench, plaintext, anna);
  const [call, content] = [bench.write(pem, 'call.pem'), bench.write(ciphertext, 'call.enc')];
  const opened = await envelope('open', call, '--content', content, ...key, '--out', 'call.wav');
  expect(opened.json()).toMatchObject([{ verification: 'no segment tags: verified only by padding' }]);
  expect(bench.read('call.wav').equals(plaintext)).toBe(true);

  const facts = ['--recording-id', 'call-1', '--profile', '101', '--started-at', '2026-03-01T12:00:00Z'];
  const imported = [...key, '--cert', anna.certificateFile, ...facts, '--out', 'recording.json'];
  expect((await envelope('import', call, '--content', content, ...imported)).code).toBe(0);
  expect((await envelope('open', 'recording.json', ...key, '--out', 'again.wav')).code).toBe(0);
  expect(bench.read('again.wav').equals(plaintext)).toBe(true);

  expect((await envelope('splice', 'recording.json', '--out', 'call.p7m')).code).toBe(0);
  const smime = ['smime', '-decrypt', '-binary', '-inform', 'DER', '-in', 'call.p7m'];
  expect((await bench.openssl(...smime, '-inkey', anna.keyFile)).equals(plaintext)).toBe(true);
});

test.each([
  ['-aes-256-gcm', 'no segment tags: verified by the GCM tag'],
  ['-aes-256-cbc', 'no segment tags: verified only by padding'],
])('a file that OpenSSL encrypted with %s opens, and is taken apart', async (cipher, verification) => {
  const [file, out, ciphertext, detached] = [
    bench.fresh(),
    bench.fresh(),
    bench.fresh(),
    `${bench.fresh()}.pem`,
  ];
  const options = ['-binary', '-stream', cipher, '-in', bench.write(plaintext), '-out', file];
  await bench.openssl('cms', '-encrypt', ...options, '-outform', 'DER', anna.certificateFile);
  expect((await envelope('open', file, ...key, '--out', out)).json()).toMatchObject([{ verification }]);
  expect(bench.read(out).equals(plaintext)).toBe(true);

  const into = ['--envelope', detached, '--content', ciphertext];
  expect((await envelope('unsplice', file, ...into)).code).toBe(0);
  const content = ['-inform', 'PEM', '-in', detached, '-content', ciphertext];
  const theirs = await bench.openssl('cms', '-decrypt', '-binary', ...content, '-inkey', anna.keyFile);
  expect(theirs.equals(plaintext)).toBe(true);
});

test('of a damaged GCM file nothing is written, where OpenSSL writes all of it', async () => {
  const [file, ours, theirs] = [bench.fresh(), bench.fresh(), bench.fresh()];
  const options = ['-binary', '-aes-256-gcm', '-in', bench.write(plaintext), '-out', file, '-outform', 'DER'];
  await bench.openssl('cms', '-encrypt', ...options, anna.certificateFile);
  const damaged = bench.read(file);
  damaged[damaged.length - 100_000] = (damaged.at(-100_000) ?? 0) ^ 1;
  bench.write(damaged, file);

  const decrypt = ['-decrypt', '-binary', '-inform', 'DER', '-in', file, '-inkey', anna.keyFile];
  await expect(bench.openssl('cms', ...decrypt, '-out', theirs)).rejects.toThrow('Error decrypting CMS');
  expect(bench.read(theirs).length).toBe(plaintext.length);
  const failed = await envelope('open', file, ...key, '--out', ours);
  expect(failed.stderr).toContain('DECRYPTION_FAILED');
  expect(existsSync(join(bench.folder, ours))).toBe(false);
  expect((await envelope('open', file, ...key, '--out', '-')).stdout.length).toBe(0);
});
