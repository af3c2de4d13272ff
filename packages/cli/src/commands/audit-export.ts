import { resolve } from 'node:path';
import { readAudit } from '@sealtrack/audit-trail/read-audit';
import { toLine } from '@sealtrack/audit-trail/record-line';
import type { Bus } from '@sealtrack/bus/bus';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { write } from '../output.ts';
import { writeOutputFile } from '../output-file.ts';
import { parseMoment } from '../parse-options.ts';

export function addAuditExport(group: Command, wire: Wire): void {
  group
    .command('export')
    .description(
      'Write all audit records as lines of JSON, which sealtrack audit verify --file verifies wherever they are taken.',
    )
    .requiredOption('--out <file>', 'where to, or "-" for standard output')
    .option('--since <time>', 'only what was stored from then on', parseMoment)
    .option('--until <time>', 'only what was stored before then', parseMoment)
    .option('--force', 'replace a file that is there')
    .addHelpText(
      'after',
      example(
        'sealtrack audit export --out audit.jsonl',
        'sealtrack audit export --since 2026-03-01 --out - | gzip > march.gz',
      ),
    )
    .action(wire(exportRecords));
}

interface ExportOptions {
  readonly out: string;
  readonly since?: Date;
  readonly until?: Date;
  readonly force?: boolean;
}

async function exportRecords(context: Context, options: ExportOptions): Promise<void> {
  const count = { records: 0 };
  const lines = context.progress(
    linesOf(await context.bus('auditor'), context, options, count),
    'exporting',
    undefined,
  );
  if (options.out === '-') {
    for await (const line of lines) await write(context.io.stdout, line);
    return;
  }
  const file = resolve(context.io.cwd, options.out);
  const bytes = await writeOutputFile(file, lines, { force: options.force === true });
  await context.out.result({ file, ...count, bytes }, () => `Wrote ${count.records} records to ${file}`);
}

async function* linesOf(
  bus: Bus,
  { signal }: Context,
  { since, until }: ExportOptions,
  count: { records: number },
): AsyncGenerator<Uint8Array> {
  for await (const record of readAudit(bus, { since, until, signal })) {
    count.records += 1;
    yield Buffer.from(`${toLine(record)}\n`);
  }
  // Half of it must not look like all of it.
  signal.throwIfAborted();
}
