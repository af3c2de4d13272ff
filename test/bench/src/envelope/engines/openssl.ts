import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { SuiteName } from '@sealtrack/envelope/suites';
import type { Job, Run } from '../engine.ts';
import { peakMemory as peakOf } from '../process-memory.ts';

/** `openssl cms`, one process for each media file, since that is how it is used: its start is in its time. */
export async function prepare(job: Job): Promise<Run> {
  const options = job.operation === 'seal' ? sealOptions(job) : openOptions(job);
  return (output) =>
    openssl(['cms', ...options, '-in', job.input, '-out', output.path, ...recipient(job)], job.maxMemory);
}

const CIPHER: Readonly<Record<SuiteName, string>> = { pkcs7: '-aes256', cms: '-aes-256-gcm' };

/** `-stream` writes in pieces of indefinite length; without it the whole result is made in memory first. */
const sealOptions = ({ suite, setting }: Job): string[] => [
  '-encrypt',
  '-binary',
  CIPHER[suite],
  '-outform',
  'DER',
  ...(setting === 'stream' ? ['-stream'] : []),
];

const openOptions = ({ keys }: Job): string[] => [
  '-decrypt',
  '-binary',
  '-inform',
  'DER',
  '-inkey',
  keys.privateKey,
];

function recipient({ operation, suite, keys }: Job): string[] {
  const oaep = ['-keyopt', 'rsa_padding_mode:oaep', '-keyopt', 'rsa_oaep_md:sha256'];
  return ['-recip', keys.certificate, ...(operation === 'seal' && suite === 'cms' ? oaep : [])];
}

const LOOK_EVERY_MS = 2;
let peak: number | undefined;

export const peakMemory = (): number | undefined => peak;

async function openssl(args: readonly string[], maxMemory: number): Promise<void> {
  const child = spawn('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const end = (): boolean => child.kill('SIGKILL');
  process.once('exit', end);
  const watch = setInterval(() => {
    const used = peakOf(child.pid ?? -1) ?? 0;
    if (used > (peak ?? 0)) peak = used;
    if (used > maxMemory) end();
  }, LOOK_EVERY_MS);
  try {
    const [[code, signal], complaint] = await Promise.all([once(child, 'exit'), text(child.stderr)]);
    if ((peak ?? 0) > maxMemory) throw new Error('needs more memory than it may use');
    if (code !== 0) throw new Error(reason(complaint) ?? `ended with ${code ?? signal}`);
  } finally {
    clearInterval(watch);
    process.off('exit', end);
  }
}

/** `…:error:0680007B:asn1 encoding routines:asn1_check_tlen:header too long:crypto/…` without what only it understands. */
function reason(complaint: string): string | undefined {
  const fields = complaint.split('\n').map((line) => line.split(':'));
  const parts = fields.find((each) => each[1] === 'error' || each[0] === 'error');
  const meant = parts?.slice(parts.indexOf('error') + 2, parts.indexOf('error') + 5).filter(Boolean);
  return meant === undefined ? complaint.split('\n')[0] || undefined : `says "${meant.join(', ')}"`;
}
