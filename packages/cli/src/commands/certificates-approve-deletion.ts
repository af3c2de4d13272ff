import { sign } from 'node:crypto';
import { resolve } from 'node:path';
import type { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import type { Command } from 'commander';
import { readApproverKey } from '../certificates/approver-key.ts';
import { isDeleted, nameOf, recordingsAre, shortId, toView } from '../certificates/describe-certificate.ts';
import { getCertificate } from '../certificates/read-certificates.ts';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { note } from '../note.ts';
import { printable, printableLines, write } from '../output.ts';
import { addPasswordOptions, type PasswordOptions } from '../password.ts';
import { canAsk, confirm } from '../prompt.ts';
import { told } from '../told.ts';
import { formatTime } from '../units.ts';

export function addCertificatesApproveDeletion(group: Command, wire: Wire): void {
  addPasswordOptions(
    group
      .command('approve-deletion <certificate>')
      .description(
        'Approve that a certificate is deleted although recordings need it. The second approval, of somebody else, ' +
          'carries it out.',
      )
      .requiredOption('--approver <name>', 'your name in the approvers file of the crypto server')
      .requiredOption('--approver-key <path>', 'your private key, made by sealtrack approvers create')
      .option('--yes', 'do not ask'),
  )
    .addHelpText(
      'after',
      example('sealtrack certificates approve-deletion 3fa9c1d2 --approver anna --approver-key anna.key'),
    )
    .action(wire(approveDeletion));
}

interface ApproveOptions extends PasswordOptions {
  readonly approver: string;
  readonly approverKey: string;
  readonly yes?: boolean;
}

async function approveDeletion(context: Context, wanted: string, options: ApproveOptions): Promise<void> {
  const { io, tenantId, signal } = context;
  const found = await getCertificate(context, wanted);
  const statement = statementOf(found);
  const recordings = found.deletion?.recordings ?? 0n;
  await write(
    io.stderr,
    `${recordingsAre(recordings)} encrypted to ${nameOf(found)}. You sign:\n${printableLines(statement, '  | ')}\n`,
  );
  if (options.yes !== true && canAsk(io) && !(await confirm(io, 'Approve?')))
    return note(context, 'nothing was approved');
  const path = resolve(io.cwd, options.approverKey);
  const key = await readApproverKey(context, path, options);
  const client = await context.certificates();
  const { certificate } = await client.approveDeletion(
    {
      ...{ tenantId, certificateId: found.certificateId, approver: options.approver },
      signature: sign(null, Buffer.from(statement), key),
    },
    { signal },
  );
  const view = toView(told(certificate));
  const approvers = (view.deletion?.approvers ?? []).map(printable).join(' and ');
  await context.out.result(view, () =>
    isDeleted(view)
      ? [
          `${approvers} approved: ${nameOf(view)} is deleted, and opens nothing from now on.`,
          `Until ${formatTime(view.deletion?.until)} it can be restored: sealtrack certificates restore ${shortId(view)}`,
        ].join('\n')
      : `Approved by ${approvers}. It waits for somebody else, until ${formatTime(view.deletion?.until)}.`,
  );
}

function statementOf(certificate: Certificate): string {
  const statement = certificate.deletion?.statement ?? '';
  if (statement !== '') return statement;
  throw new AppError('APPROVAL_REFUSED', `No deletion of ${nameOf(certificate)} waits for approval`, {
    fix: `See how it is: sealtrack certificates show ${shortId(certificate)}`,
  });
}
