import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { write } from '../output.ts';
import { refuseExisting } from '../output-file.ts';
import { parseCount } from '../parse-options.ts';
import { writeSecretFile } from '../secret-file.ts';

export interface ShareOptions {
  readonly shares: number;
  readonly threshold: number;
  readonly outDir?: string;
}

export const addShareOptions = (command: Command): Command =>
  command
    .requiredOption('--shares <n>', 'how many people get one, 2 to 16', parseCount)
    .requiredOption('--threshold <n>', 'how many of them are needed, 2 or more', parseCount)
    .option('--out-dir <folder>', 'write each share into a file of its own, mode 0600, and show none');

const NEWLINE = Buffer.from('\n');

/** Shows the shares that `make` makes, once, or writes them into files. Throws OBJECT_EXISTS before any are made. */
export async function handOutShares(
  context: Context,
  { shares, threshold, outDir }: ShareOptions,
  make: () => Promise<readonly Buffer[]>,
): Promise<void> {
  if (outDir === undefined && context.out.json) throw notAsJson();
  const folder = outDir === undefined ? undefined : resolve(context.io.cwd, outDir);
  const files = folder === undefined ? [] : await newFiles(folder, shares);
  const made = await make();
  try {
    for (const [at, share] of made.entries()) {
      const line = Buffer.concat([share, NEWLINE]);
      const file = files[at];
      try {
        if (file !== undefined) await writeSecretFile(file, line);
        else await show(context.io.stdout, `Share ${at + 1} of ${made.length}: `, line);
      } finally {
        line.fill(0);
      }
    }
  } finally {
    for (const share of made) share.fill(0);
  }
  const { length } = made;
  await context.out.result({ shares: length, threshold, files }, () =>
    [
      ...files.map((file) => `Wrote ${file}`),
      `Any ${threshold} of these ${length} shares open the seal. They are not kept here and cannot be had again.`,
      folder === undefined
        ? 'Give each to somebody else, who writes it down, and clear this screen.'
        : 'Give each file to somebody else, and delete them here: together they are the key.',
      `Next, ${threshold} of these people, each on a machine of their own: sealtrack unseal`,
    ].join('\n'),
  );
}

async function newFiles(folder: string, count: number): Promise<string[]> {
  const files = Array.from({ length: count }, (_, at) => join(folder, `share-${at + 1}.txt`));
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new AppError('INVALID_ARGUMENT', `${folder} cannot be made`, {
      fix: 'Give --out-dir a folder that you may write to.',
      details: { folder },
      cause,
    });
  });
  for (const file of files)
    await refuseExisting(file).catch((error: unknown) => {
      throw hasCode(error, 'OBJECT_EXISTS') ? alreadyThere(error) : error;
    });
  return files;
}

/** Until it is out of this process, so that it can be zeroed. */
async function show(stdout: Writable, text: string, secret: Buffer): Promise<void> {
  await write(stdout, text);
  const { promise, resolve: done, reject } = Promise.withResolvers<void>();
  stdout.write(secret, (error) => (error ? reject(error) : done()));
  await promise;
}

const alreadyThere = (cause: AppError): AppError =>
  new AppError('OBJECT_EXISTS', cause.message, {
    fix: 'Give another folder in --out-dir: a share is never replaced. No new shares were made.',
    details: cause.details,
    cause,
  });

const notAsJson = (): AppError =>
  new AppError('INVALID_ARGUMENT', 'Shares are for people, and are not shown as JSON', {
    fix: 'Give --out-dir to have each in a file, or leave --json out.',
  });
