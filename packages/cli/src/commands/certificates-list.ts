import type { Command } from 'commander';
import {
  type CertificateView,
  daysLeft,
  daysUntil,
  stateOf,
  toView,
} from '../certificates/describe-certificate.ts';
import { readPages } from '../certificates/read-certificates.ts';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { note } from '../note.ts';
import { table } from '../output.ts';
import { parseCount, parseUntil } from '../parse-options.ts';
import { formatTime } from '../units.ts';

const DEFAULT_LIMIT = 100;

export function addCertificatesList(group: Command, wire: Wire): void {
  group
    .command('list [query...]')
    .description('List the certificates; those only that have all the words in alias, names, number or id.')
    .option('--limit <n>', 'how many at most', parseCount, DEFAULT_LIMIT)
    .option('--all', 'however many there are')
    .option('--deleted', 'also those that are deleted and can still be restored')
    .option(
      '--expiring <when>',
      'only those that expire within 30d, 2w, 12h or before a date, or have expired; the soonest first',
      (text: string) => parseUntil(text),
    )
    .addHelpText(
      'after',
      example('sealtrack certificates list sales 2026', 'sealtrack certificates list --expiring 30d --all'),
    )
    .action(wire(listCertificates));
}

interface ListOptions {
  readonly limit: number;
  readonly all?: boolean;
  readonly deleted?: boolean;
  readonly expiring?: Date;
}

interface Listed {
  total: number;
  shown: number;
}

/** How many days there are left to renew it, where that was asked for; negative when it has expired. */
type View = CertificateView & { readonly daysLeft?: number };

async function listCertificates(
  context: Context,
  words: readonly string[],
  options: ListOptions,
): Promise<void> {
  const listed: Listed = { total: 0, shown: 0 };
  const now = new Date();
  const views = readViews(context, words, options, { listed, now });
  // As lines they need not all be in memory at once.
  if (context.out.json) for await (const view of views) await context.out.result(view, () => '');
  else await context.out.list(await Array.fromAsync(views), (all) => describe(all, words, options, now));
  if (listed.total > listed.shown)
    await note(
      context,
      `only the first ${listed.shown} of ${listed.total} are shown: --all has all, words search.`,
    );
}

async function* readViews(
  context: Context,
  words: readonly string[],
  { limit, all, deleted, expiring }: ListOptions,
  { listed, now }: { readonly listed: Listed; readonly now: Date },
): AsyncGenerator<View> {
  const pages = readPages(context, {
    query: words.join(' '),
    deleted: deleted === true,
    expiresBefore: expiring,
    limit: all === true ? Number.POSITIVE_INFINITY : limit,
  });
  for await (const { certificates, total } of pages) {
    listed.total = total;
    for (const certificate of certificates) {
      listed.shown += 1;
      const view = toView(certificate);
      yield expiring === undefined ? view : { ...view, daysLeft: daysUntil(view.notAfter, now) };
    }
  }
}

function describe(
  views: readonly View[],
  words: readonly string[],
  { expiring }: ListOptions,
  now: Date,
): string {
  const left = (cell: string): string[] => (expiring === undefined ? [] : [cell]);
  if (views.length > 0)
    return table(
      ['CERTIFICATE', 'ALIAS', 'BITS', 'VALID UNTIL', ...left('DAYS LEFT'), 'PRIVATE KEY', 'STATE'],
      views.map((view) => [
        view.certificateId.slice(0, 16),
        view.alias,
        String(view.keyBits),
        formatTime(view.notAfter),
        ...left(daysLeft(view.notAfter, now)),
        view.hasPrivateKey ? 'held' : 'missing',
        stateOf(view),
      ]),
    );
  const having = words.length > 0 ? ` with ${words.join(' and ')} in it` : '';
  if (expiring !== undefined) return `None${having} expires before ${formatTime(expiring)}.`;
  return words.length > 0
    ? `None has ${words.join(' and ')} in it.`
    : 'No certificates yet. Import one: sealtrack certificates import --cert CERT.pem --key KEY.pem';
}
