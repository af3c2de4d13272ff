import type { Command } from 'commander';
import { describeCertificate, toView } from '../certificates/describe-certificate.ts';
import { getCertificate } from '../certificates/read-certificates.ts';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';

export function addCertificatesShow(group: Command, wire: Wire): void {
  group
    .command('show <certificate>')
    .description('Everything about one: its id, the first 8 or more digits of it, or its alias.')
    .addHelpText('after', example('sealtrack certificates show 3fa9c1d2'))
    .action(wire(showCertificate));
}

async function showCertificate(context: Context, wanted: string): Promise<void> {
  const view = toView(await getCertificate(context, wanted));
  await context.out.result(view, () => describeCertificate({ view, now: new Date() }));
}
