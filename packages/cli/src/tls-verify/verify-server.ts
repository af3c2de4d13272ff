import { encodePem } from '@sealtrack/certificates/pem';
import { AppError } from '@sealtrack/errors/app-error';
import type { Context } from '../context.ts';
import { judgeByOpenssl, judgeServer, serverView } from './judge-server.ts';
import { type Credentials, probeServer } from './probe-server.ts';
import { readCertificates } from './read-files.ts';
import { readKey } from './read-key.ts';
import { readSent } from './read-sent.ts';
import { parseTarget, toPeerName } from './target.ts';
import type { Trust, VerifyOptions } from './verify-options.ts';
import { type Report, verifyCertificates } from './verify-report.ts';

/** Throws SERVICE_UNAVAILABLE, DEADLINE_EXCEEDED, INVALID_ARGUMENT, CERTIFICATE_INVALID and what reading a key does. */
export async function verifyServer(
  context: Context,
  address: string,
  options: VerifyOptions,
  { anchors, crls, at }: Trust,
): Promise<Report> {
  const target = parseTarget(address);
  const credentials = await readCredentials(context, options);
  const host = options.host ?? target.host;
  const deadline = () => AbortSignal.any([context.signal, AbortSignal.timeout(options.timeout * 1000)]);
  const asking = {
    serverName: host,
    startTls: options.starttls ?? target.startTls,
    trusted: anchors.map(({ der }) => encodePem('CERTIFICATE', der)),
    credentials,
  };
  const probes = await probeServer(target, asking, deadline).finally(() => credentials?.key.fill(0));
  const expected = { mutual: options.mutual === 'on', hasCredentials: credentials !== undefined };
  const report = {
    subject: address,
    server: serverView(probes),
    findings: judgeServer(probes, expected),
    at,
  };
  const { sent, unread } = readSent(probes.bare.chain);
  if (sent.length === 0) return { ...report, chain: [], findings: [...report.findings, ...unread] };
  const given = { sent, leaf: sent[0], anchors, crls, usage: 'server', host: toPeerName(host), at } as const;
  const verified = verifyCertificates(given);
  // It knows no other time than now, and what we refuse it need not refuse as well.
  const theirs = verified.holds && options.at === undefined ? judgeByOpenssl(probes) : [];
  return {
    ...report,
    chain: verified.chain,
    findings: [...report.findings, ...unread, ...verified.findings, ...theirs],
  };
}

/** What to show to a server. The caller zeroes the key. */
async function readCredentials({ io }: Context, options: VerifyOptions): Promise<Credentials | undefined> {
  const { cert, chain, key } = options;
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined)
    throw new AppError('INVALID_ARGUMENT', 'A certificate is shown with its key', {
      fix: 'Give both --cert and --key, or neither.',
    });
  const certificates = [
    ...(await readCertificates(cert, io)),
    ...(chain === undefined ? [] : await readCertificates(chain, io)),
  ];
  const { key: opened } = await readKey(key, options, io);
  const der = opened.export({ type: 'pkcs8', format: 'der' });
  try {
    const pem = certificates.map((each) => encodePem('CERTIFICATE', each.der));
    return { cert: Buffer.concat(pem), key: encodePem('PRIVATE KEY', der) };
  } finally {
    der.fill(0);
  }
}
