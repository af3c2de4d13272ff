import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Party } from '@sealtrack/authority/bootstrap';
import { announceCurrentSystem } from '@sealtrack/cli/current-system';
import type { SuiteName } from '@sealtrack/envelope/suites';
import type { System } from '@sealtrack/launcher/system';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';

const ROOT = join(import.meta.dirname, '../../../..');
export const SEALTRACK = join(ROOT, 'packages/cli/bin/sealtrack.mjs');

export interface Ran {
  readonly code: number | null;
  readonly stdout: Buffer;
  /** Standard output and error, as a person sees them. */
  readonly said: string;
}

/** Runs a program to its end. */
export async function run(
  command: string,
  args: readonly string[],
  { input, ...options }: SpawnOptions & { readonly input?: Uint8Array | string } = {},
): Promise<Ran> {
  const child = spawn(command, args, { ...options, stdio: 'pipe' });
  const [stdout, stderr, [code]] = await Promise.all([
    Array.fromAsync(child.stdout as AsyncIterable<Buffer>),
    Array.fromAsync(child.stderr as AsyncIterable<Buffer>),
    once(child, 'close') as Promise<[number | null]>,
    // A program that complains early does not read on; what it says of that is in its output.
    child.stdin?.on('error', () => {}).end(input),
  ]);
  const out = Buffer.concat(stdout);
  return { code, stdout: out, said: out.toString() + Buffer.concat(stderr).toString() };
}

/** `sealtrack …` as in a folder in which `npm start` runs this system: each command as whoever has the role for it. */
export async function sealtrack(
  { addresses, natsUrl, connections }: System,
  ...args: string[]
): Promise<Ran> {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, '.data'));
  const system = { pid: process.pid, startedAt: new Date().toISOString(), natsUrl, addresses };
  announceCurrentSystem({ ...system, tls: connections.commandFiles() }, folder.path);
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('SEALTRACK_'));
  const env = Object.fromEntries(others);
  return await run(process.execPath, [SEALTRACK, ...args], { env, cwd: folder.path });
}

/** `buf curl …`, away from proto/, so that only what the server tells of itself can help. As the administrator unless told. */
export function bufCurl(
  { connections }: System,
  args: readonly string[],
  { input, party = 'administrator' }: { readonly input?: string; readonly party?: Party } = {},
): Promise<Ran> {
  const files = connections.filesOf(party);
  const secured = files && [
    '--cert',
    files.certificate,
    '--key',
    files.certificateKey,
    '--cacert',
    files.trustedCa,
  ];
  return run(
    join(ROOT, 'node_modules/.bin/buf'),
    ['curl', '--protocol', 'grpc', ...(secured ?? ['--http2-prior-knowledge']), ...args],
    { cwd: import.meta.dirname, ...(input === undefined ? {} : { input }) },
  );
}

/** What OpenSSL makes of a PKCS#7 or CMS file with this key alone. Fails as openssl does. */
export async function openWithOpenssl(
  pkcs7: Uint8Array,
  keyFile: string,
  suite: SuiteName = 'pkcs7',
): Promise<Buffer> {
  const args = [
    suite === 'cms' ? 'cms' : 'smime',
    '-decrypt',
    '-binary',
    '-inform',
    'DER',
    '-inkey',
    keyFile,
  ];
  const { code, stdout, said } = await run('openssl', args, { input: pkcs7 });
  if (code !== 0) throw new Error(`openssl could not open it: ${said.slice(-1_000)}`);
  return stdout;
}
