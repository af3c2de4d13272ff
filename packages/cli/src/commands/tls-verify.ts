import { encodePem } from '@sealtrack/certificates/pem';
import { parseX509, type X509 } from '@sealtrack/certificates/x509/parse-x509';
import { AppError } from '@sealtrack/errors/app-error';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import type { Finding } from '../doctor/finding.ts';
import { ProblemsFound } from '../exit-codes.ts';
import { parseMoment } from '../parse-options.ts';
import { addPasswordOptions, type PasswordOptions } from '../password.ts';
import type { Usage } from '../tls-verify/judge-chain.ts';
import type { CrlFile } from '../tls-verify/judge-crls.ts';
import { judgeByOpenssl, judgeServer, serverView } from '../tls-verify/judge-server.ts';
import { type Credentials, probeServer } from '../tls-verify/probe-server.ts';
import { readCertificates, readCrls, readTrusted } from '../tls-verify/read-files.ts';
import { judgeKey, readKey } from '../tls-verify/read-key.ts';
import { parseTarget, type StartTls, toPeerName } from '../tls-verify/target.ts';
import { describeReport, type Report, toView, verifyCertificates } from '../tls-verify/verify-report.ts';

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

export function addTlsVerify(group: Command, wire: Wire): void {
  addPasswordOptions(
    group
      .command('verify [server]')
      .description(
        'Would a peer believe this certificate, or this server? Checks chain, names, dates, use, key and revocation of a file ' +
          '(--cert), or of the server at host:port, and what that takes: versions of TLS, and clients without a ' +
          'certificate. What is wrong makes the exit code 1.',
      )
      .requiredOption('--trusted-ca <file>', 'CAs that the peer trusts, in PEM; may be given again', collect)
      .option('--crl <file>', 'revocation lists, of every CA of the chain; may be given again', collect)
      .option(
        '--host <name>',
        'DNS name or IP address that it has to be for (of a server: its own, unless told)',
      )
      .option('--cert <file>', 'the certificate, and behind it its chain; with a server, that of the client')
      .option('--chain <file>', 'the CAs between, when they are not in the same file')
      .option('--key <file>', 'the private key of the certificate, in PEM')
      .addOption(
        new Option('--usage <usage>', 'what a file is shown for')
          .choices(['server', 'client'])
          .default('server'),
      )
      .option(
        '--at <time>',
        'the moment that it has to be valid at, such as 2026-03-01 (default: now)',
        parseMoment,
      )
      .addOption(
        new Option('--starttls <protocol>', 'what comes before TLS (default: as the server shows)').choices([
          'none',
          'nats',
        ]),
      )
      .addOption(
        new Option('--mutual <on|off>', 'whether the server has to insist on a certificate')
          .choices(['on', 'off'])
          .default('on'),
      )
      .option('--timeout <seconds>', 'how long the server may take, in all', parseSeconds, 10)
      .option('--strict', 'notes make the exit code 1 too'),
  )
    .addHelpText(
      'after',
      example(
        'sealtrack tls verify --cert cert.pem --key key.pem --trusted-ca ca_cert.pem --crl crl.pem --host crypto-server',
        'sealtrack tls verify crypto-server:7013 --trusted-ca ca_cert.pem --cert cert.pem --key key.pem',
        'sealtrack tls verify nats://nats:4222 --trusted-ca ca_cert.pem',
      ),
    )
    .action(wire(verify));
}

interface VerifyOptions extends PasswordOptions {
  readonly trustedCa: readonly string[];
  readonly crl?: readonly string[];
  readonly host?: string;
  readonly cert?: string;
  readonly chain?: string;
  readonly key?: string;
  readonly usage: Usage;
  readonly at?: Date;
  readonly starttls?: StartTls;
  readonly mutual: 'on' | 'off';
  readonly timeout: number;
  readonly strict?: boolean;
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 600)) throw new InvalidArgumentError('Give seconds, from 0.1 to 600.');
  return seconds;
}

/** What both kinds of verification start from. */
interface Trust {
  readonly anchors: readonly X509[];
  readonly crls: readonly CrlFile[];
  readonly at: Date;
}

async function verify(context: Context, server: string | undefined, options: VerifyOptions): Promise<void> {
  const { io } = context;
  const trust: Trust = {
    anchors: await readTrusted(options.trustedCa, io),
    crls: await readCrls(options.crl ?? [], io),
    at: options.at ?? new Date(),
  };
  const report = await (server === undefined
    ? verifyFile(context, options, trust)
    : verifyServer(context, server, options, trust));
  await context.out.result(toView(report), () => describeReport(report));
  const counts = (finding: Finding) =>
    finding.state === 'problem' || (options.strict === true && finding.state === 'warning');
  const wrong = report.findings.filter(counts).length;
  if (wrong > 0) throw new ProblemsFound(wrong);
}

async function verifyFile({ io }: Context, options: VerifyOptions, trust: Trust): Promise<Report> {
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

async function verifyServer(
  context: Context,
  address: string,
  options: VerifyOptions,
  { anchors, crls, at }: Trust,
): Promise<Report> {
  const target = parseTarget(address);
  const credentials = await readCredentials(context, options);
  const host = options.host ?? target.host;
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(options.timeout * 1000)]);
  const asking = {
    serverName: host,
    startTls: options.starttls ?? target.startTls,
    trusted: anchors.map(({ der }) => encodePem('CERTIFICATE', der)),
    credentials,
  };
  const probes = await probeServer(target, asking, signal).finally(() => credentials?.key.fill(0));
  const expected = { mutual: options.mutual === 'on', hasCredentials: credentials !== undefined };
  const report = {
    subject: address,
    server: serverView(probes),
    findings: judgeServer(probes, expected),
    at,
  };
  const sent = probes.bare.chain.map(parseX509);
  if (sent.length === 0) return { ...report, chain: [] };
  const given = { sent, leaf: sent[0], anchors, crls, usage: 'server', host: toPeerName(host), at } as const;
  const verified = verifyCertificates(given);
  // It knows no other time than now, and what we refuse it need not refuse as well.
  const theirs = verified.holds && options.at === undefined ? judgeByOpenssl(probes) : [];
  return {
    ...report,
    chain: verified.chain,
    findings: [...report.findings, ...verified.findings, ...theirs],
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
