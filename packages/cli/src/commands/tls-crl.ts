import { type PublishedCrl, publishCrl } from '@sealtrack/authority/publish-crl';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { addPasswordOptions, type PasswordOptions } from '../password.ts';
import { addDigestOptions, type DigestOptions, digestOf, dirOption, parseDays } from '../tls/options.ts';
import { withAuthorityKey } from '../tls/with-authority-key.ts';
import { formatTime } from '../units.ts';

export function addTlsCrl(group: Command, wire: Wire): void {
  const command = dirOption(group.command('crl')).description(
    'Publish the list of everything revoked (CRL) into ca_conf/ca_crl.pem. Whoever reads that file checks by the new ' +
      'list from then on, and refuses everything once the next one is overdue: have it published by a timer.',
  );
  addPasswordOptions(addDigestOptions(command))
    .option('--days <n>', 'until when the next list is expected', parseDays, 7)
    .option('--der', 'also as DER, into ca_conf/ca_crl.der')
    .addHelpText('after', example('sealtrack tls crl --dir pki --days 30'))
    .action(wire(publish));
}

interface CrlOptions extends PasswordOptions, DigestOptions {
  readonly dir: string;
  readonly days: number;
  readonly der?: boolean;
}

async function publish(context: Context, options: CrlOptions): Promise<void> {
  const { days, der = false } = options;
  const digest = await digestOf(context, options);
  const published = await withAuthorityKey(context, options, (authority, key) =>
    publishCrl(authority, key, { days, digest, der, now: new Date() }),
  );
  await context.out.result(published, () => describe(published));
}

const describe = ({ number, revoked, nextUpdate, files }: PublishedCrl): string =>
  [
    `Published list ${number} of ${revoked} revoked certificate${revoked === 1 ? '' : 's'}; the next one is due by ${formatTime(nextUpdate)}`,
    ...Object.values(files),
  ].join('\n');
