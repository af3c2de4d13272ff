import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** RSA private operations a second in two processes, as `openssl speed` counts them: without padding. */
export async function opensslRate(bits: number): Promise<number> {
  const args = ['speed', '-mr', '-seconds', '1', '-multi', '2', `rsa${bits}`];
  const { stdout } = await promisify(execFile)('openssl', args);
  // +F2:<index>:<bits>:<private>:<public>…, of each process and then of both.
  const rates = [...stdout.matchAll(/^\+F2:\d+:\d+:([\d.]+):/gm)];
  const rate = Number(rates.at(-1)?.[1]);
  if (!(rate > 0)) throw new Error('openssl speed said nothing that is understood here');
  return rate;
}
