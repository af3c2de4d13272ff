import { readAudit } from '@sealtrack/audit-trail/read-audit';
import type { StoredRecord } from '@sealtrack/audit-trail/record';
import { type AuditQuery, fits, readBody, subjectOf } from '@sealtrack/audit-trail/search';
import { parseTenantId } from '@sealtrack/ids/parse';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { printable, toJson, write } from '../output.ts';
import { parseCount, parseMoment } from '../parse-options.ts';
import { formatTime } from '../units.ts';

const DEFAULT_LIMIT = 1_000;

export function addAuditSearch(group: Command, wire: Wire): void {
  group
    .command('search')
    .description(
      'Find audit records, the oldest first: all that is given has to fit. Of every tenant, unless one is named.',
    )
    .option('--recording <id>', 'of this recording')
    .option('--caller <name>', 'of whom it was asked: a name in his certificate, or his address')
    .option('--user <name>', 'on whose behalf, of a ticket')
    .option('--certificate <id>', 'whose private key was used, or was to be; its beginning is enough')
    .option('--action <action>', 'such as media-decrypt, media-export or access-denied, or play')
    .option('--since <time>', 'stored from then on', parseMoment)
    .option('--until <time>', 'stored before then', parseMoment)
    .option('--limit <n>', 'end after this many', parseCount, DEFAULT_LIMIT)
    .addHelpText(
      'after',
      example(
        'sealtrack audit search --tenant acme --recording call-1',
        'sealtrack audit search --user anna --since 2026-03-01 --json',
      ),
    )
    .action(wire(search));
}

interface SearchOptions extends Omit<AuditQuery, 'tenant'> {
  readonly since?: Date;
  readonly until?: Date;
  readonly limit: number;
}

async function search(context: Context, options: SearchOptions): Promise<void> {
  const { since, until, limit, ...rest } = options;
  const { tenant } = context;
  const query = { ...rest, tenant: tenant === undefined ? undefined : parseTenantId(tenant) };
  const bus = await context.bus('auditor');
  const { signal } = context;
  let left = limit;
  for await (const record of readAudit(bus, { subject: subjectOf(query), since, until, signal })) {
    if (!fits(record, query)) continue;
    await write(context.io.stdout, `${context.out.json ? toJson(viewOf(record)) : describe(record)}\n`);
    left -= 1;
    if (left === 0) return;
  }
}

const viewOf = (record: StoredRecord) => {
  const { sequence, time, subject, headers } = record;
  return { sequence, time, subject, id: headers['ce-id'], data: readBody(record) };
};

function describe(record: StoredRecord): string {
  const { statement: _, ...data } = readBody(record) ?? {};
  return printable(
    `${record.sequence}  ${formatTime(record.time)}  ${record.subject}  ${JSON.stringify(data)}`,
  );
}
