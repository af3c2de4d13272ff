import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { Interrupted } from './io.ts';
import { canAsk, confirm, promptSecret } from './prompt.ts';

/** A terminal as far as a question can tell: it remembers whether it was raw when the keys came. */
function terminal() {
  const keys = new PassThrough();
  const raw: boolean[] = [];
  const keyboard = Object.assign(keys, { setRawMode: (on: boolean) => raw.push(on) });
  const shown = new PassThrough();
  const stopping = new AbortController();
  const io = { keyboard, stderr: shown, signal: stopping.signal };
  return { io, keys, raw, stopping, screen: () => String(shown.read() ?? '') };
}

const ask = async (typed: string | Buffer): Promise<string> => {
  const { io, keys } = terminal();
  keys.write(typed);
  return (await promptSecret(io, 'Password')).toString();
};

describe('promptSecret', () => {
  test('shows the question and nothing of the answer, and leaves the terminal as it was', async () => {
    const { io, keys, raw, screen } = terminal();
    const answer = promptSecret(io, 'Password of a.key');
    for (const key of 'hunter2\r') keys.write(key);
    expect((await answer).toString()).toBe('hunter2');
    expect(screen()).toBe('Password of a.key: \n');
    expect(raw).toEqual([true, false]);
  });

  test.each([
    ['backspace takes one character, of whatever size', 'pä€\x7f\x7fass\r', 'pass'],
    ['backspace at the beginning does nothing', '\x7f\x08pass\r', 'pass'],
    ['Ctrl-U begins again', 'wrong\x15right\n', 'right'],
    ['other control keys are no characters', 'pa\x00\x1a\tss\r', 'pass'],
    ['Ctrl-D alone is nothing', '\x04', ''],
    ['Ctrl-D behind something is no character', 'pass\x04\r', 'pass'],
    ['Enter alone is nothing', '\r', ''],
  ])('%s', async (_, typed, expected) => {
    expect(await ask(typed)).toBe(expected);
  });

  test('an arrow key is no character', async () => {
    const { io, keys } = terminal();
    const answer = promptSecret(io, 'Password');
    keys.write('pa');
    await new Promise(setImmediate);
    keys.write('\x1b[A');
    await new Promise(setImmediate);
    keys.write('ss\r');
    expect((await answer).toString()).toBe('pass');
  });

  test('lines that were pasted at once answer one question each', async () => {
    const { io, keys } = terminal();
    keys.write('one\ntwo\nthree\n');
    const answers: string[] = [];
    for (const question of ['first', 'second', 'third'])
      answers.push((await promptSecret(io, question)).toString());
    expect(answers).toEqual(['one', 'two', 'three']);
  });

  test('takes 4 KiB and not more', async () => {
    expect(await ask(`${'x'.repeat(5000)}\r`)).toBe('x'.repeat(4096));
  });

  test('Ctrl-C interrupts, with the terminal as it was', async () => {
    const { io, keys, raw } = terminal();
    keys.write('hun\x03');
    await expect(promptSecret(io, 'Password')).rejects.toMatchObject({ name: 'Interrupted', exitCode: 130 });
    expect(raw).toEqual([true, false]);
  });

  test('so does a signal', async () => {
    const { io, raw, stopping } = terminal();
    const answer = promptSecret(io, 'Password');
    stopping.abort(new Interrupted('Stopped by SIGTERM', 143));
    await expect(answer).rejects.toMatchObject({ exitCode: 143 });
    await expect(promptSecret(io, 'Password')).rejects.toMatchObject({ exitCode: 143 });
    expect(raw).toEqual([true, false, true, false]);
  });

  test('a terminal that goes away answers nothing', async () => {
    const { io, keys } = terminal();
    keys.end();
    expect((await promptSecret(io, 'Password')).length).toBe(0);
  });
});

test.each([
  ['yes\n', true],
  ['Y\n', true],
  ['no\n', false],
  ['\n', false],
  ['yesterday\n', false],
])('confirm takes %j for %s', async (typed, expected) => {
  const { io, keys, raw } = terminal();
  keys.write(typed);
  expect(await confirm(io, 'Delete it?')).toBe(expected);
  expect(raw).toEqual([]);
});

test('only a terminal can be asked', () => {
  expect(canAsk({ keyboard: undefined })).toBe(false);
  expect(canAsk(terminal().io)).toBe(true);
});
