import type { VerifyBackupRequest } from '@sealtrack/contracts/gen/sealtrack/backup/v1/backup';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { ProblemsFound } from '../exit-codes.ts';
import { readArchive, toBuffer } from '../keys/archive-file.ts';
import { describeReport, toView } from '../keys/backup-report.ts';
import { told } from '../told.ts';

export function addKeysVerifyBackup(group: Command, wire: Wire): void {
  group
    .command('verify-backup <file>')
    .description(
      'Have the crypto server open everything in a backup and prove every private key. It stores nothing. ' +
        'Exit code 1 when something is damaged.',
    )
    .addHelpText('after', example('sealtrack keys verify-backup keys-2026-03-01.backup'))
    .action(wire(verifyBackup));
}

async function verifyBackup(context: Context, name: string): Promise<void> {
  const archive = await readArchive(context, name, 'verifying');
  const client = await context.backup();
  const { report } = await client.verifyBackup(requests(archive), {
    signal: context.signal,
  });
  const view = toView(told(report));
  const damaged = view.damaged.length;
  await context.out.result({ ...view, ok: damaged === 0 }, () =>
    [
      ...describeReport(view),
      damaged === 0
        ? 'Everything in it opens, and every private key is proven.'
        : 'fix: make another backup. If this one is all there is: sealtrack keys restore --skip-damaged',
    ].join('\n'),
  );
  if (damaged > 0) throw new ProblemsFound(damaged);
}

async function* requests(archive: AsyncIterable<Uint8Array>): AsyncGenerator<VerifyBackupRequest> {
  for await (const block of archive) yield { chunk: toBuffer(block) };
}
