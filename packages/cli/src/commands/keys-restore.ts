import type { RestoreKeysRequest } from '@sealtrack/contracts/gen/sealtrack/backup/v1/backup';
import { AppError } from '@sealtrack/errors/app-error';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { ProblemsFound } from '../exit-codes.ts';
import { readArchive, toBuffer } from '../keys/archive-file.ts';
import { describeReport, toView } from '../keys/backup-report.ts';
import { told } from '../told.ts';

export function addKeysRestore(group: Command, wire: Wire): void {
  group
    .command('restore [file]')
    .description(
      'Put back from a backup what is missing, and change nothing that is there. Everything is verified before ' +
        'anything is stored. Exit code 1 when something is damaged.',
    )
    .option('--skip-damaged', 'restore what is whole in an archive that is damaged')
    .option('--from-backup-folder', 'restore from the backup folder of the crypto server, without an archive')
    .addHelpText(
      'after',
      example('sealtrack keys restore keys-2026-03-01.backup', 'sealtrack keys restore --from-backup-folder'),
    )
    .action(wire(restoreKeys));
}

interface RestoreOptions {
  readonly skipDamaged?: boolean;
  readonly fromBackupFolder?: boolean;
}

async function restoreKeys(
  context: Context,
  name: string | undefined,
  { skipDamaged = false, fromBackupFolder = false }: RestoreOptions,
): Promise<void> {
  if ((name === undefined) !== fromBackupFolder) throw oneOfTheTwo();
  const archive = name === undefined ? NOTHING : await readArchive(context, name, 'restoring');
  const client = await context.backup();
  const answer = await client.restoreKeys(requests(archive, { skipDamaged, fromBackupFolder }), {
    signal: context.signal,
  });
  const report = told(answer.report);
  const { restored, alreadyThere } = report;
  const view = toView(report);
  const damaged = view.damaged.length;
  await context.out.result({ ...view, restored, alreadyThere, ok: damaged === 0 }, () =>
    [
      ...describeReport(view),
      `Restored ${restored}; ${alreadyThere} ${alreadyThere === 1 ? 'was' : 'were'} there already.`,
    ].join('\n'),
  );
  if (damaged > 0) throw new ProblemsFound(damaged);
}

const NOTHING: readonly Uint8Array[] = [];

const oneOfTheTwo = () =>
  new AppError('INVALID_ARGUMENT', 'It takes a backup, or --from-backup-folder', {
    fix: 'Give one of the two: sealtrack keys restore --help.',
  });

async function* requests(
  archive: AsyncIterable<Uint8Array> | readonly Uint8Array[],
  value: Required<RestoreOptions>,
): AsyncGenerator<RestoreKeysRequest> {
  yield { part: { $case: 'options', value } };
  for await (const block of archive) yield { part: { $case: 'chunk', value: toBuffer(block) } };
}
