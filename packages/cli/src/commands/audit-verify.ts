import { readAudit } from '@sealtrack/audit-trail/read-audit';
import type { StoredRecord } from '@sealtrack/audit-trail/record';
import { readLines } from '@sealtrack/audit-trail/record-line';
import { AUDIT_SIGNERS } from '@sealtrack/audit-trail/verify/judge-statement';
import { createVerification } from '@sealtrack/audit-trail/verify/verification';
import { AppError } from '@sealtrack/errors/app-error';
import type { Command } from 'commander';
import { describeReport } from '../audit/describe-report.ts';
import { signatureJudge, type TrustOptions } from '../audit/signature-judges.ts';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { ProblemsFound } from '../exit-codes.ts';
import { openInput } from '../files.ts';
import { parseMoment } from '../parse-options.ts';

/** What those who write are called in their certificates. */
const SERVERS = AUDIT_SIGNERS.join(',');

export function addAuditVerify(group: Command, wire: Wire): void {
  group
    .command('verify')
    .description(
      'Read all audit records and say whether any of them was removed, changed, moved or slipped in, and what cannot be judged. ' +
        'Exit code 1 when something is wrong.',
    )
    .option('--since <time>', 'only what was stored from then on', parseMoment)
    .option('--file <file>', 'what sealtrack audit export wrote, or "-", instead of what is on the bus')
    .option('--trusted-ca <files>', 'whom to believe; on the bus, as connections are judged unless told')
    .option('--crl <files>', 'with --trusted-ca: revocation lists, with commas between')
    .option(
      '--servers <names>',
      'names in the certificates of crypto servers and consoles, with commas between',
      SERVERS,
    )
    .addHelpText(
      'after',
      example(
        'sealtrack audit verify',
        'sealtrack audit verify --since 2026-03-01 --json',
        'sealtrack audit verify --file audit.jsonl --trusted-ca ca.pem',
      ),
    )
    .action(wire(verify));
}

interface VerifyOptions extends TrustOptions {
  readonly since?: Date;
  readonly file?: string;
  readonly servers: string;
}

const PROGRESS_EVERY = 1_000;

async function verify(context: Context, options: VerifyOptions): Promise<void> {
  if (options.crl !== undefined && options.trustedCa === undefined)
    throw new AppError('INVALID_ARGUMENT', '--crl is for --trusted-ca', { fix: 'Give --trusted-ca, too.' });
  const verifier = await signatureJudge(context, options, options.file !== undefined);
  const servers = options.servers.split(',').map((name) => name.trim());
  const verification = createVerification({ verifier, servers });
  const meter = context.meter('verifying');
  let read = 0;
  for await (const record of await recordsOf(context, options)) {
    await verification.add(record);
    meter.add(record.body.byteLength);
    // What is already there comes without a pause, in which a signal could be heard.
    if (++read % PROGRESS_EVERY === 0) await new Promise((done) => setImmediate(done));
    context.signal.throwIfAborted();
  }
  meter.clear();
  context.signal.throwIfAborted();
  const report = verification.finish();
  await context.out.result(report, () => describeReport(report).join('\n'));
  if (!report.ok) throw new ProblemsFound(report.found);
}

async function recordsOf(
  context: Context,
  { file, since }: VerifyOptions,
): Promise<AsyncIterable<StoredRecord>> {
  if (file === undefined) return readAudit(await context.bus('auditor'), { since, signal: context.signal });
  const records = readLines((await openInput(file, context.io)).content);
  return since === undefined ? records : from(records, since);
}

async function* from(records: AsyncIterable<StoredRecord>, since: Date): AsyncGenerator<StoredRecord> {
  for await (const record of records) if (record.time >= since) yield record;
}
