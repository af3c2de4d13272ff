import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeOutputFile } from '@sealtrack/cli/output-file';
import { exportPkcs7 } from '@sealtrack/cli/recordings/export-pkcs7';
import { AppError } from '@sealtrack/errors/app-error';
import { assertSame, digestOf } from './digest.ts';
import type { Doors } from './doors.ts';
import type { Published } from './publish-recordings.ts';
import { KEY_NAME, PKCS7_NAME, type Results } from './results.ts';

const PUBLIC = 0o644;
const COMMAND = ['smime', '-decrypt', '-inform', 'DER', '-in', PKCS7_NAME, '-inkey', KEY_NAME];

/** `openssl smime` holds the whole file in one buffer, whose length it counts in an int. */
export const opensslTakes = (pkcs7Bytes: number): boolean => pkcs7Bytes < 2 ** 31;

/** Splices one recording to an ordinary PKCS#7 file, with no key at all, and keeps its manifest. */
export async function splice(
  { decryption }: Doors,
  tenantId: string,
  { recordingId }: Published,
  results: Results,
  signal: AbortSignal,
): Promise<number> {
  const { header, content } = await exportPkcs7(decryption, { tenantId, recordingId, mediaId: '' }, signal);
  await writeOutputFile(results.manifest, only(header.manifest), { mode: PUBLIC });
  return writeOutputFile(results.pkcs7, content, { mode: PUBLIC });
}

/** Opens the PKCS#7 file with the machine's own OpenSSL, and compares. Resolves to the version of OpenSSL. */
export async function openWithOpenssl(
  { original }: Published,
  results: Results,
  signal: AbortSignal,
): Promise<string> {
  const version = await opensslVersion();
  const openssl = spawn('openssl', COMMAND, {
    cwd: results.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  const exited = once(openssl, 'close') as Promise<[number | null]>;
  let complaint = '';
  openssl.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(-2_000);
  });
  const [found, [code]] = await Promise.all([digestOf(openssl.stdout), exited]);
  if (code !== 0) throw opensslFailed(version, code, complaint);
  assertSame('What OpenSSL decrypted', original, found);
  return version;
}

async function opensslVersion(): Promise<string> {
  const openssl = spawn('openssl', ['version'], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const said = Array.fromAsync(openssl.stdout as AsyncIterable<Buffer>);
    const [chunks] = await Promise.all([said, once(openssl, 'close')]);
    return Buffer.concat(chunks).toString().split(' ').slice(0, 2).join(' ').trim();
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', 'There is no openssl on this machine, so it could not be tried', {
      fix: 'Install it, such as with apt-get install openssl, and run the demo again.',
      cause,
    });
  }
}

const opensslFailed = (version: string, code: number | null, complaint: string): AppError =>
  new AppError('INTERNAL', `${version} could not open ${PKCS7_NAME} (exit code ${code})`, {
    fix: `Try it by hand in the folder of the results: openssl ${COMMAND.join(' ')}`,
    details: { openssl: complaint.trim() },
  });

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
