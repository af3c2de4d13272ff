import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { SuiteName } from '@sealtrack/envelope/suites';
import { tlsVariables } from '@sealtrack/launcher/connections';
import type { System } from '@sealtrack/launcher/system';

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

/** `sealtrack …`, told where the system is as a person would tell it: by its environment. */
export function sealtrack({ addresses, natsUrl, connections }: System, ...args: string[]): Promise<Ran> {
  const env = {
    ...process.env,
    SEALTRACK_NATS_URL: natsUrl,
    SEALTRACK_INGEST_ADDRESS: addresses.ingest,
    SEALTRACK_RECORDINGS_ADDRESS: addresses.recordings,
    SEALTRACK_CRYPTO_ADDRESS: addresses.crypto,
    SEALTRACK_PROFILES_ADDRESS: addresses.profiles,
    ...tlsVariables(connections.filesOf('administrator')),
  };
  return run(process.execPath, [SEALTRACK, ...args], { env });
}

/** `buf curl …`, as the administrator, and away from proto/, so that only what the server tells of itself can help. */
export function bufCurl({ connections }: System, args: readonly string[], input?: string): Promise<Ran> {
  const files = connections.filesOf('administrator');
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
