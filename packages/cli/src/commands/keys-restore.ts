import type { RestoreKeysRequest } from '@sealtrack/contracts/gen/sealtrack/backup/v1/backup';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { ProblemsFound } from '../exit-codes.ts';
import { readArchive, toBuffer } from '../keys/archive-file.ts';
import { describeReport, toView } from '../keys/backup-report.ts';
import { told } from '../told.ts';

export function addKeysRestore(group: Command, wire: Wire): void {
  group
    .command('restore <file>')
    .description(
      'Put back from a backup what is missing, and change nothing that is there. Everything is verified before ' +
        'anything is stored. Exit code 1 when something is damaged.',
    )
    .option('--skip-damaged', 'restore what is whole in an archive that is damaged')
    .addHelpText('after', example('sealtrack keys restore keys-2026-03-01.backup'))
    .action(wire(restoreKeys));
}

interface RestoreOptions {
  readonly skipDamaged?: boolean;
}

async function restoreKeys(
  context: Context,
  name: string,
  { skipDamaged = false }: RestoreOptions,
): Promise<void> {
  const archive = await readArchive(context, name, 'restoring');
  const answer = await context
    .backup()
    .restoreKeys(requests(archive, skipDamaged), { signal: context.signal });
  const report = told(answer.report);
  const { restored, alreadyThere } = report;
  const view = toView(report);
  const damaged = view.damaged.length;
  const isRefused = damaged > 0 && !skipDamaged;
  await context.out.result({ ...view, restored, alreadyThere, ok: damaged === 0 }, () =>
    [
      ...describeReport(view),
      isRefused
        ? 'Nothing was restored.\nfix: take another backup, or restore what is whole: --skip-damaged'
        : `Restored ${restored}; ${alreadyThere} ${alreadyThere === 1 ? 'was' : 'were'} there already.`,
    ].join('\n'),
  );
  if (damaged > 0) throw new ProblemsFound(damaged);
}

async function* requests(
  archive: AsyncIterable<Uint8Array>,
  skipDamaged: boolean,
): AsyncGenerator<RestoreKeysRequest> {
  yield { part: { $case: 'options', value: { skipDamaged, fromBackupFolder: false } } };
  for await (const block of archive) yield { part: { $case: 'chunk', value: toBuffer(block) } };
}
