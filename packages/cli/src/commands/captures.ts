import type { DeadLetter } from '@sealtrack/bus/dead-letter-message';
import { listDeadLetters, retryDeadLetter } from '@sealtrack/bus/dead-letters';
import { AppError } from '@sealtrack/errors/app-error';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { printable } from '../output.ts';
import { parseCount } from '../parse-options.ts';
import { formatTime } from '../units.ts';

export function addCaptures(program: Command, wire: Wire): void {
  const group = program
    .command('captures')
    .description('Recordings handed over on NATS that could not be encrypted. None of them is lost.');

  group
    .command('dead-letters')
    .description('List the captures that were given up, with the reason and the next step.')
    .addHelpText('after', example('sealtrack captures dead-letters'))
    .action(wire(listCaptures));

  group
    .command('retry [number...]')
    .description('Hand captures over again, once what was in their way is put right.')
    .option('--all', 'every one that waits')
    .addHelpText('after', example('sealtrack captures retry 7', 'sealtrack captures retry --all'))
    .action(wire(retryCaptures));
}

const waiting = async (context: Context): Promise<AsyncGenerator<DeadLetter>> =>
  listDeadLetters(await context.bus(), { filter: `captures.${context.tenantId}.>` });

async function listCaptures(context: Context): Promise<void> {
  const views = await Array.fromAsync(await waiting(context), toView);
  await context.out.list(views, () =>
    views.length === 0 ? 'No captures wait.' : views.map(describe).join('\n\n'),
  );
}

const toView = (letter: DeadLetter) => {
  const { sequence, time, subject, reason, message, nextStep, attempts, headers, body } = letter;
  return {
    sequence,
    time,
    subject,
    reason,
    message,
    nextStep,
    attempts,
    headers,
    recordingId: recordingOf(body),
  };
};

function recordingOf(body: Uint8Array): string | undefined {
  try {
    const { recordingId } = JSON.parse(Buffer.from(body).toString()) as { recordingId?: unknown };
    return typeof recordingId === 'string' ? recordingId : undefined;
  } catch {
    return undefined;
  }
}

const describe = (view: ReturnType<typeof toView>): string =>
  [
    `${view.sequence}  ${formatTime(view.time)}  ${printable(view.subject)}  ${printable(view.recordingId ?? 'unreadable')}`,
    `   ${view.reason}: ${printable(view.message)} (tried ${view.attempts} times)`,
    `   next: ${printable(view.nextStep)} Then: sealtrack captures retry ${view.sequence}`,
  ].join('\n');

async function retryCaptures(
  context: Context,
  numbers: readonly string[],
  options: { readonly all?: boolean },
): Promise<void> {
  if ((numbers.length === 0) === (options.all !== true))
    throw new AppError('INVALID_ARGUMENT', 'Say which captures to retry', {
      fix: 'Give their numbers as sealtrack captures dead-letters shows them, or --all.',
    });
  const bus = await context.bus();
  const sequences =
    options.all === true
      ? await Array.fromAsync(await waiting(context), ({ sequence }) => sequence)
      : numbers.map(parseCount);
  // One by one, so that after a failure it is known which were.
  for (const deadLetter of sequences) {
    context.signal.throwIfAborted();
    const { subject, sequence } = await retryDeadLetter(bus, deadLetter);
    await context.out.result(
      { deadLetter, subject, sequence },
      () => `Handed capture ${deadLetter} over again on ${printable(subject)}`,
    );
  }
  if (sequences.length === 0 && !context.out.json) await context.out.result({}, () => 'No captures wait.');
}
