import { type Command, InvalidArgumentError, Option } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import type { Finding } from '../doctor/finding.ts';
import { ProblemsFound } from '../exit-codes.ts';
import { parseMoment } from '../parse-options.ts';
import { addPasswordOptions } from '../password.ts';
import { readCrls, readTrusted } from '../tls-verify/read-files.ts';
import { verifyFile } from '../tls-verify/verify-file.ts';
import { type Trust, type VerifyOptions, withEnvironment } from '../tls-verify/verify-options.ts';
import { describeReport, toView } from '../tls-verify/verify-report.ts';
import { verifyServer } from '../tls-verify/verify-server.ts';

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

export function addTlsVerify(group: Command, wire: Wire): void {
  addPasswordOptions(
    group
      .command('verify [server]')
      .description(
        'Would a peer believe this certificate, or this server? Checks chain, names, dates, use, key and revocation of a file ' +
          '(--cert), or of the server at host:port, and what that takes: versions of TLS, and clients without a ' +
          'certificate. What is wrong makes the exit code 1. What is not told comes from the environment of a service: ' +
          'SEALTRACK_TLS_TRUSTED_CA, SEALTRACK_TLS_CRL, SEALTRACK_TLS_CERTIFICATE, SEALTRACK_TLS_CERTIFICATE_KEY.',
      )
      .option('--trusted-ca <file>', 'CAs that the peer trusts, in PEM; may be given again', collect)
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
      .option('--timeout <seconds>', 'how long the server may take over each connection', parseSeconds, 10)
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

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 600)) throw new InvalidArgumentError('Give seconds, from 0.1 to 600.');
  return seconds;
}

async function verify(context: Context, server: string | undefined, told: VerifyOptions): Promise<void> {
  const { io } = context;
  const options = withEnvironment(told, io.env);
  const trust: Trust = {
    anchors: await readTrusted(options.trustedCa ?? [], io),
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
