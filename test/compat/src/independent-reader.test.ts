import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, describe, expect, test } from 'vitest';
import { frozenMedia, plaintextOf } from './vectors.ts';

/** What docs/envelope.md says is enough to open what the product wrote; and its rules find what they should. */

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const READER = join(import.meta.dirname, 'independent-reader.mjs');
const all = frozenMedia();

test('it knows nothing of ours', () => {
  const imports = [...readFileSync(READER, 'utf8').matchAll(/(?:from|import\(|require\() ?'([^']+)'/g)];
  expect(imports.length).toBeGreaterThan(3);
  for (const [, specifier] of imports) expect(specifier).toMatch(/^node:/);
});

test.each(all)('it opens $title', ({ media, manifestFile, owners }) => {
  const plaintext = plaintextOf(media.plaintextSize);
  const options = { maxBuffer: 16 * 1024 * 1024 };
  for (const { keyFile, certificateFile } of owners) {
    const args = [READER, manifestFile, keyFile, certificateFile, '--media', media.mediaId];
    expect(execFileSync(process.execPath, args, options).equals(plaintext)).toBe(true);
  }
});

test.each(all)('it opens the second half of $title', ({ media, manifestFile, owners }) => {
  const [{ keyFile, certificateFile } = { keyFile: '', certificateFile: '' }] = owners;
  const [middle, end] = [Math.floor(media.plaintextSize / 2), media.plaintextSize];
  const args = [READER, manifestFile, keyFile, certificateFile, '--media', media.mediaId];
  const part = execFileSync(process.execPath, [...args, '--range', `${middle}-${end}`]);
  expect(part.equals(plaintextOf(end).subarray(middle))).toBe(true);
});

describe.each(['pkcs7', 'cms'])('in a recording of suite %s it finds', (suite) => {
  const frozen = all.find(({ title }) => title === `${suite}/two-segments-and-more main`);
  if (frozen === undefined) throw new Error('the recording is not there');
  const [owner] = frozen.owners;
  if (owner === undefined) throw new Error('it has no recipient');

  /** What it says of a copy in which something was changed. */
  function readChanged(change: (copy: string) => void): {
    status: number | null;
    stdout: Buffer;
    stderr: string;
  } {
    const copy = mkdtempSync(join(folder.path, suite));
    cpSync(frozen?.folder ?? '', copy, { recursive: true });
    change(copy);
    const args = [READER, join(copy, 'recording.json'), owner?.keyFile ?? '', owner?.certificateFile ?? ''];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { maxBuffer: 16 * 1024 * 1024 });
    return { status, stdout, stderr: String(stderr) };
  }
  const edit = (file: string, change: (bytes: Buffer) => Buffer) => (copy: string) =>
    writeFileSync(join(copy, file), change(readFileSync(join(copy, file))));
  const replace = (from: RegExp, to: string) =>
    edit('recording.json', (bytes) => Buffer.from(bytes.toString().replace(from, to)));
  const flipAt = (at: number) =>
    edit('main.enc', (bytes) => {
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      return bytes;
    });

  test.each([
    ['a flipped bit in the first segment', flipAt(1), 0],
    ['one in the second', flipAt(262144), 262144],
    ['one in the last', flipAt(524289), 524288],
    ['a missing end', edit('main.enc', (bytes) => bytes.subarray(0, -1)), 524288],
    ['another recording', replace(/"recordingId": "/, '"recordingId": "x'), 0],
    ['another content type', replace(/audio\/wav/, 'audio/mpeg'), 0],
    ['another size', replace(/"plaintextSize": 52/, '"plaintextSize": 51'), 0],
    ['another MAC', replace(/"envelopeMac": "......../, '"envelopeMac": "00000000'), 0],
    ['another tag', replace(/"tags": "..../, '"tags": "AAAA'), 0],
  ] as const)('%s, and gives out nothing from there on', (_, change, given) => {
    const { status, stdout, stderr } = readChanged(change);
    expect([status, stderr]).toEqual([1, 'DECRYPTION_FAILED\n']);
    expect(stdout.equals(plaintextOf(given))).toBe(true);
  });
});
