import { resolve } from 'node:path';
import { layoutOf } from '@sealtrack/authority/layout';
import { type ListedCertificate, listCertificates } from '@sealtrack/authority/list-certificates';
import type { Command } from 'commander';
import { daysLeft, daysUntil } from '../certificates/describe-certificate.ts';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { table } from '../output.ts';
import { parseUntil } from '../parse-options.ts';
import { dirOption } from '../tls/options.ts';
import { formatTime } from '../units.ts';

export function addTlsList(group: Command, wire: Wire): void {
  dirOption(group.command('list'))
    .description('List what an authority has issued, and what was imported; what ends first comes first.')
    .option(
      '--expiring <when>',
      'only those, not revoked, that expire within 30d, 2w, 12h or before a date, or have expired',
      (text: string) => parseUntil(text),
    )
    .option('--revoked', 'only those that are revoked')
    .addHelpText(
      'after',
      example('sealtrack tls list --dir pki', 'sealtrack tls list --dir pki --expiring 30d --json'),
    )
    .action(wire(listTls));
}

interface ListOptions {
  readonly dir: string;
  readonly expiring?: Date;
  readonly revoked?: boolean;
}

async function listTls(context: Context, { dir, expiring, revoked = false }: ListOptions): Promise<void> {
  const now = new Date();
  const all = await listCertificates(layoutOf(resolve(context.io.cwd, dir)), now);
  const wanted = all.filter(
    ({ state, notAfter }) =>
      (!revoked || state === 'revoked') &&
      (expiring === undefined || (state !== 'revoked' && notAfter < expiring)),
  );
  const views = wanted.map((one) => ({ ...one, daysLeft: daysUntil(one.notAfter, now) }));
  await context.out.list(views, () => describe(wanted, { dir, ...(expiring && { expiring }), revoked }, now));
}

function describe(
  wanted: readonly ListedCertificate[],
  { dir, expiring, revoked = false }: ListOptions,
  now: Date,
): string {
  if (wanted.length > 0)
    return table(
      ['SERIAL', 'STATE', 'VALID UNTIL', 'DAYS LEFT', 'SUBJECT', 'FOR'],
      wanted.map((one) => [
        one.serial,
        stateOf(one),
        formatTime(one.notAfter),
        one.state === 'revoked' ? '-' : daysLeft(one.notAfter, now),
        one.subject,
        one.names.join(', '),
      ]),
    );
  if (revoked) return 'None is revoked.';
  if (expiring !== undefined) return `None expires before ${formatTime(expiring)}.`;
  return `Nothing was issued yet. Begin: sealtrack tls create-cert --dir ${dir} --host media.example.com`;
}

function stateOf({ state, revokedAt, reason, isImported }: ListedCertificate): string {
  const since =
    state === 'revoked' ? ` ${formatTime(revokedAt)}${reason === undefined ? '' : ` ${reason}`}` : '';
  return `${state}${since}${isImported ? ' (imported)' : ''}`;
}
