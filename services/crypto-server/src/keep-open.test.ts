import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '@sealtrack/errors/app-error';
import type { KeyringStatus } from '@sealtrack/sealed-store/keyring';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { expect, test } from 'vitest';
import { createKeepOpen } from './keep-open.ts';

type Look = KeyringStatus['state'] | AppError;
const away = new AppError('SEALED_STORE_UNAVAILABLE', 'Redis is away', { fix: 'Wait.' });
const broken = new AppError('SEAL_BROKEN', 'It does not open', { fix: 'Put the key right.' });

/** Looks at a keyring that is each of these, one after the other. */
function keepOpenOf(...looks: Look[]) {
  const { lines, log } = noteLines();
  const seen: string[] = [];
  const stop = new AbortController();
  const waits: (number | 'while it looks')[] = [];
  let at = -1;
  let isLooking = false;
  const keyring = {
    async open(): Promise<KeyringStatus> {
      at += 1;
      isLooking = true;
      await nextTurn();
      isLooking = false;
      const now = looks[at];
      if (now === undefined) throw new Error('looked once too often');
      seen.push(now instanceof AppError ? now.code : now);
      if (now instanceof AppError) throw now;
      return { state: now, provider: 'key' };
    },
  };
  const onChange = () => void seen.push('told');
  const keepOpen = createKeepOpen(keyring, onChange, log, async (ms) => {
    waits.push(isLooking ? 'while it looks' : ms);
    if (at === looks.length - 1) stop.abort();
  });
  return { keepOpen, lines, seen, waits, stop };
}

test('it looks until it is stopped, whatever it finds, and tells after each look', async () => {
  const { keepOpen, seen, waits, stop } = keepOpenOf('sealed', away, 'open', broken, 'open');
  await keepOpen.until(stop.signal);
  const told = (...looks: string[]) => looks.flatMap((look) => [look, 'told']);
  expect(seen).toEqual(told('sealed', 'SEALED_STORE_UNAVAILABLE', 'open', 'SEAL_BROKEN', 'open'));
  expect(waits).toEqual(Array(6).fill(2_000));
});

test('each change is in the log, and once', async () => {
  const { keepOpen, lines, stop } = keepOpenOf(
    ...(['uninitialised', 'uninitialised', 'sealed', 'open', 'open'] as const),
    ...[away, away, broken, broken],
    ...(['open', 'open'] as const),
  );
  await keepOpen.until(stop.signal);
  expect(lines.map(({ level, fields, message }) => [level, fields.state ?? fields.err, message])).toEqual([
    ['info', 'uninitialised', 'the seal is closed'],
    ['info', 'sealed', 'the seal is closed'],
    ['info', 'open', 'the seal is open'],
    ['error', away, expect.stringContaining('trying again')],
    ['error', broken, expect.stringContaining('trying again')],
    ['info', 'open', 'the seal is open'],
  ]);
});

test('an error that nobody foresaw keeps nothing from going on', async () => {
  const { keepOpen, lines, seen } = keepOpenOf();
  await keepOpen.look();
  expect(seen).toEqual(['told']);
  expect(lines).toMatchObject([{ level: 'error', fields: { err: { message: 'looked once too often' } } }]);
});

test('once stopped it looks no more', async () => {
  const { keepOpen, seen } = keepOpenOf('open');
  await keepOpen.until(AbortSignal.abort());
  expect(seen).toEqual([]);
});
