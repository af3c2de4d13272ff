import { Deletion_State } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { Command } from 'commander';
import { nameOf, toView } from '../certificates/describe-certificate.ts';
import { getCertificate } from '../certificates/read-certificates.ts';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { told } from '../told.ts';

export function addCertificatesRestore(group: Command, wire: Wire): void {
  group
    .command('restore <certificate>')
    .description('Take back the deletion of a certificate, or the request for one, within its time.')
    .addHelpText('after', example('sealtrack certificates restore 3fa9c1d2'))
    .action(wire(restoreCertificate));
}

async function restoreCertificate(context: Context, wanted: string): Promise<void> {
  const before = await getCertificate(context, wanted);
  const client = await context.certificates();
  const { certificate } = await client.restoreCertificate(
    { tenantId: context.tenantId, certificateId: before.certificateId },
    { signal: context.signal },
  );
  const view = toView(told(certificate));
  await context.out.result(view, () => {
    if (before.deletion === undefined) return `${nameOf(view)} was not deleted, and is as it was.`;
    return before.deletion.state === Deletion_State.DELETED
      ? `Restored ${nameOf(view)}: what is encrypted to it opens again.`
      : `${nameOf(view)} stays: the request for its deletion is taken back.`;
  });
}
