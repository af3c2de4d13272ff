import { resolve } from 'node:path';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context, SealClient } from '../context.ts';
import { ProblemsFound } from '../exit-codes.ts';
import { readSmallFile } from '../files.ts';
import { note } from '../note.ts';
import { errorText, write } from '../output.ts';
import { canAsk, hidden, promptSecret } from '../prompt.ts';
import {
  describeSeal,
  givenOf,
  nextStep,
  type SealView,
  toView,
  waitsForShares,
} from '../seal/describe-seal.ts';
import { told } from '../told.ts';

const MAX_SHARE_BYTES = 4096;

export function addUnseal(group: Command, wire: Wire): void {
  group
    .command('unseal')
    .description(
      'Give shares, and open the crypto server with the last one that is needed. They are asked for one after the ' +
        'other, and not shown. Every crypto server is opened by itself: --crypto-address.',
    )
    .option('--share-file <path...>', 'files with one share each, in place of asking')
    .addHelpText(
      'after',
      example('sealtrack unseal', 'sealtrack unseal --share-file share-1.txt --crypto-address 10.0.0.7:7013'),
    )
    .action(wire(unseal));
}

interface UnsealOptions {
  readonly shareFile?: readonly string[];
}

async function unseal(context: Context, { shareFile = [] }: UnsealOptions): Promise<void> {
  const { io } = context;
  const client = await context.seal();
  const before = await statusOf(client, context);
  if (isKeptByKey(before)) throw withoutShares(nextStep(before) ?? '');
  if (before.state === 'uninitialized') throw uninitialized(nextStep(before) ?? '');
  const give = () => giveShares(context, client, before, shareFile);
  const asks = shareFile.length === 0 && canAsk(io);
  const { view, refused } = await (asks ? hidden(io, give) : give());
  await context.out.result(view, () => describeSeal(view));
  if (refused > 0 && waitsForShares(view)) throw new ProblemsFound(refused);
}

/** As long as shares are waited for and there are any. */
async function giveShares(
  context: Context,
  client: SealClient,
  before: SealView,
  files: readonly string[],
): Promise<{ readonly view: SealView; readonly refused: number }> {
  let view = before;
  let refused = 0;
  for (let at = 0; waitsForShares(view); at += 1) {
    const share = await nextShare(context, files, at, view);
    if (share === undefined) break;
    try {
      const after = toView(told((await client.unseal({ share }, { signal: context.signal })).status));
      if (waitsForShares(after)) await note(context, describeGiven(view, after));
      view = after;
    } catch (error) {
      if (!hasCode(error, 'UNSEAL_SHARE_INVALID')) throw error;
      refused += 1;
      await write(context.io.stderr, errorText(error, context.out.json));
      // A forged one takes those before with it.
      view = await statusOf(client, context);
    } finally {
      share.fill(0);
    }
  }
  return { view, refused };
}

async function statusOf(client: SealClient, { signal }: Context): Promise<SealView> {
  return toView(told((await client.getSealStatus({}, { signal })).status));
}

/** Undefined when there are no more files, or when nothing was typed. The caller zeroes it. */
async function nextShare(
  { io }: Context,
  files: readonly string[],
  at: number,
  view: SealView,
): Promise<Buffer | undefined> {
  if (files.length > 0) {
    const file = files[at];
    return file === undefined ? undefined : await readSmallFile(resolve(io.cwd, file), MAX_SHARE_BYTES);
  }
  if (!canAsk(io)) throw nobodyToAsk();
  const typed = await promptSecret(io, `${givenOf(view)} given. Next share, or nothing to stop`);
  return typed.length === 0 ? undefined : typed;
}

const describeGiven = (before: SealView, after: SealView): string =>
  givenOf(before) === givenOf(after)
    ? `that share was given before${before.newThreshold > 0 ? ', or is one of those in force' : ''}: it is still ${givenOf(after)}`
    : `${givenOf(after)} given`;

/** Or by a setting: shares would not help. */
const isKeptByKey = (view: SealView): boolean =>
  view.provider === 'key' ? view.state !== 'open' : view.state === 'sealed' && !waitsForShares(view);

const withoutShares = (fix: string): AppError =>
  new AppError('SEALED', 'The keyring of this crypto server opens with its unseal key, not with shares', {
    fix,
  });

const uninitialized = (fix: string): AppError =>
  new AppError('SEALED', 'This crypto server has no root key yet, and so no shares', {
    fix: `Make it: ${fix}`,
  });

const nobodyToAsk = (): AppError =>
  new AppError('INVALID_ARGUMENT', 'There is no terminal to type a share at', {
    fix: 'Give --share-file, or run it at a terminal.',
  });
