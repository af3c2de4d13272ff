import type { Command } from 'commander';
import { type CertificateView, daysUntil, stateOf, toView } from '../certificates/describe-certificate.ts';
import { readPages } from '../certificates/read-certificates.ts';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { note } from '../note.ts';
import { table } from '../output.ts';
import { parseCount, parseDays } from '../parse-options.ts';
import { formatTime } from '../units.ts';

const DEFAULT_LIMIT = 100;

export function addCertificatesList(group: Command, wire: Wire): void {
  group
    .command('list [query...]')
    .description('List the certificates; those only that have all the words in alias, names, number or id.')
    .option('--limit <n>', 'how many at most', parseCount, DEFAULT_LIMIT)
    .option('--all', 'however many there are')
    .option('--deleted', 'also those that are deleted and can still be restored')
    .option('--expiring <days>', 'only those that expire within so many days, such as 30d', parseDays)
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
  readonly expiring?: number;
}

interface Listed {
  /** How many the server knows of; undefined when only some of them are wanted. */
  total: number | undefined;
  shown: number;
  isCut: boolean;
}

async function listCertificates(
  context: Context,
  words: readonly string[],
  options: ListOptions,
): Promise<void> {
  const listed: Listed = { total: undefined, shown: 0, isCut: false };
  const views = readViews(context, words, options, listed);
  // As lines they need not all be in memory at once.
  if (context.out.json) for await (const view of views) await context.out.result(view, () => '');
  else await context.out.list(await Array.fromAsync(views), (all) => describe(all, words, options));
  if (listed.isCut) {
    const of = listed.total === undefined ? '' : ` of ${listed.total}`;
    await note(context, `only the first ${listed.shown}${of} are shown: --all has all, words search.`);
  }
}

async function* readViews(
  context: Context,
  words: readonly string[],
  { limit, all, deleted, expiring }: ListOptions,
  listed: Listed,
): AsyncGenerator<CertificateView> {
  const now = new Date();
  const most = all === true ? Number.POSITIVE_INFINITY : limit;
  // Which expire is known here only, so that pages are read until there are enough.
  const pages = readPages(context, {
    query: words.join(' '),
    deleted: deleted === true,
    ...(expiring === undefined ? { limit: most } : {}),
  });
  for await (const { certificates, total } of pages) {
    if (expiring === undefined) listed.total = total;
    for (const certificate of certificates) {
      if (expiring !== undefined && !expiresWithin(certificate.notAfter, expiring, now)) continue;
      listed.isCut = listed.shown >= most;
      if (listed.isCut) return;
      listed.shown += 1;
      yield toView(certificate);
    }
  }
  listed.isCut = (listed.total ?? 0) > listed.shown;
}

const expiresWithin = (notAfter: Date | undefined, days: number, now: Date): boolean => {
  const left = daysUntil(notAfter, now);
  return left >= 0 && left < days;
};

function describe(
  views: readonly CertificateView[],
  words: readonly string[],
  { expiring }: ListOptions,
): string {
  if (views.length > 0)
    return table(
      ['CERTIFICATE', 'ALIAS', 'BITS', 'VALID UNTIL', 'PRIVATE KEY', 'STATE'],
      views.map((view) => [
        view.certificateId.slice(0, 16),
        view.alias,
        String(view.keyBits),
        formatTime(view.notAfter),
        view.hasPrivateKey ? 'held' : 'missing',
        stateOf(view),
      ]),
    );
  if (expiring !== undefined) return `None expires within ${expiring} days.`;
  return words.length > 0
    ? `None has ${words.join(' and ')} in it.`
    : 'No certificates yet. Import one: sealtrack certificates import --cert CERT.pem --key KEY.pem';
}
