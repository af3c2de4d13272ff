import { AppError } from '@sealtrack/errors/app-error';
import type { Context } from '../context.ts';
import { readCertificates } from './read-files.ts';
import { judgeKey, readKey } from './read-key.ts';
import { toPeerName } from './target.ts';
import type { Trust, VerifyOptions } from './verify-options.ts';
import { type Report, verifyCertificates } from './verify-report.ts';

/** Throws INVALID_ARGUMENT, CERTIFICATE_INVALID and what reading a key does. */
export async function verifyFile({ io }: Context, options: VerifyOptions, trust: Trust): Promise<Report> {
  const { cert, chain, key, host, usage } = options;
  if (cert === undefined)
    throw new AppError('INVALID_ARGUMENT', 'There is nothing to verify', {
      fix: 'Give a certificate with --cert, or the host:port of a server.',
    });
  const own = await readCertificates(cert, io);
  const sent = [...own, ...(chain === undefined ? [] : await readCertificates(chain, io))];
  const keyFile = key === undefined ? undefined : await readKey(key, options, io);
  const peer = host === undefined ? undefined : toPeerName(host);
  const verified = verifyCertificates({ ...trust, sent, leaf: undefined, usage, host: peer });
  return {
    subject: cert,
    server: undefined,
    chain: verified.chain,
    findings: [...verified.findings, ...(keyFile ? judgeKey(keyFile, verified.leaf) : [])],
    at: trust.at,
  };
}
