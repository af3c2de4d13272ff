import { resolve } from 'node:path';
import type { BackUpKeysResponse } from '@sealtrack/contracts/gen/sealtrack/backup/v1/backup';
import { AppError } from '@sealtrack/errors/app-error';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { refuseExisting, writeOutputFile } from '../output-file.ts';
import { formatBytes } from '../units.ts';

export function addKeysBackup(group: Command, wire: Wire): void {
  group
    .command('backup')
    .description(
      'Write every certificate and sealed private key, of all tenants, to a file. It opens with the seal that is in ' +
        'force now: keep what unseals it somewhere else.',
    )
    .requiredOption('--out <file>', 'where to, mode 0600; it appears when it is whole')
    .option('--force', 'replace a file that is there')
    .addHelpText('after', example('sealtrack keys backup --out keys-2026-03-01.backup'))
    .action(wire(backUpKeys));
}

interface BackupOptions {
  readonly out: string;
  readonly force?: boolean;
}

async function backUpKeys(context: Context, { out, force = false }: BackupOptions): Promise<void> {
  const file = resolve(context.io.cwd, out);
  if (!force) await refuseExisting(file);
  const archive = chunksOf((await context.backup()).backUpKeys({}, { signal: context.signal }));
  const bytes = await writeOutputFile(file, context.progress(archive, 'backing up', undefined), { force });
  await context.out.result({ file, bytes }, () =>
    [
      `Wrote ${file} (${formatBytes(bytes)})`,
      `Next, see that it opens: sealtrack keys verify-backup ${out}`,
    ].join('\n'),
  );
}

async function* chunksOf(messages: AsyncIterable<BackUpKeysResponse>): AsyncGenerator<Uint8Array> {
  let isEmpty = true;
  for await (const { chunk } of messages) {
    isEmpty &&= chunk.length === 0;
    yield chunk;
  }
  if (isEmpty)
    throw new AppError('INTERNAL', 'The crypto server sent an empty archive', {
      fix: 'Look into the log of crypto-server.',
    });
}
