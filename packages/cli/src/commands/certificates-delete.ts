import type { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import type { Command } from 'commander';
import {
  type CertificateView,
  isDeleted,
  nameOf,
  recordingsAre,
  shortId,
  toView,
} from '../certificates/describe-certificate.ts';
import { getCertificate } from '../certificates/read-certificates.ts';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { note } from '../note.ts';
import { printable, printableLines } from '../output.ts';
import { canAsk, confirm } from '../prompt.ts';
import { told } from '../told.ts';
import { formatTime } from '../units.ts';

export function addCertificatesDelete(group: Command, wire: Wire): void {
  group
    .command('delete <certificate>')
    .description(
      'Delete a certificate, and its private key with the last certificate on it. It opens nothing from then on, ' +
        'and can be restored for a while. Refused while recordings need it, or an IVR profile encrypts to it.',
    )
    .option(
      '--force',
      'although recordings need it, which asks two people to approve, or an IVR profile encrypts to it',
    )
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      example('sealtrack certificates delete 3fa9c1d2', 'sealtrack certificates delete 3fa9c1d2 --force'),
    )
    .action(wire(deleteCertificate));
}

interface DeleteOptions {
  readonly force?: boolean;
  readonly yes?: boolean;
}

async function deleteCertificate(context: Context, wanted: string, options: DeleteOptions): Promise<void> {
  const { force = false } = options;
  const found = await getCertificate(context, wanted);
  const recordings = await countRecordings(context, found);
  // What recordings need is refused by the server, so that there is nothing to ask.
  const isRefused = !force && recordings !== undefined && recordings > 0n;
  if (options.yes !== true && !isRefused && !(await isMeant(context, nameOf(found))))
    return note(context, 'nothing was deleted');
  const client = await context.certificates();
  const { certificate } = await client.deleteCertificate(
    { tenantId: context.tenantId, certificateId: found.certificateId, force },
    { signal: context.signal },
  );
  const view = toView(told(certificate));
  await context.out.result(view, () => (isDeleted(view) ? describeDeleted(view) : describeRequest(view)));
}

/** Says how many need it. Undefined when that cannot be told: the crypto server counts by itself before it deletes. */
async function countRecordings(context: Context, certificate: Certificate): Promise<bigint | undefined> {
  const { tenantId, signal } = context;
  const { certificateId } = certificate;
  try {
    const client = await context.recordings();
    const { recordings } = await client.countRecordings({ tenantId, certificateId }, { signal });
    await note(context, `${recordingsAre(recordings)} encrypted to ${nameOf(certificate)}`);
    return recordings;
  } catch (error) {
    if (signal.aborted || !(error instanceof AppError)) throw error;
    await note(context, `how many recordings are encrypted to it is not known here: ${error.message}`);
    return undefined;
  }
}

async function isMeant({ io }: Context, name: string): Promise<boolean> {
  if (canAsk(io)) return await confirm(io, `Delete ${name}?`);
  throw new AppError('INVALID_ARGUMENT', 'There is nobody to ask whether it is to be deleted', {
    fix: 'Give --yes if it is.',
  });
}

const describeDeleted = (view: CertificateView): string =>
  [
    `Deleted ${nameOf(view)}: it opens nothing from now on.`,
    `Until ${formatTime(view.deletion?.until)} it can be restored: sealtrack certificates restore ${shortId(view)}`,
  ].join('\n');

function describeRequest(view: CertificateView): string {
  const { recordings = 0n, until, statement = '', approvers = [] } = view.deletion ?? {};
  return [
    `The deletion of ${nameOf(view)} waits for two people, until ${formatTime(until)}.`,
    `${recordingsAre(recordings)} encrypted to it, and could not be opened with it any more.`,
    ...(approvers.length > 0 ? [`Approved by: ${approvers.map(printable).join(', ')}`] : []),
    'What they sign:',
    printableLines(statement, '  | '),
    'Next, each of them, with a key of their own:',
    `  sealtrack certificates approve-deletion ${shortId(view)} --approver NAME --approver-key FILE`,
    `To take it back: sealtrack certificates restore ${shortId(view)}`,
  ].join('\n');
}
