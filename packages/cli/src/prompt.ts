import { Interrupted, type Io, type Keyboard } from './io.ts';
import { printable, write } from './output.ts';

/** Far over any password or share. */
const MAX_BYTES = 4096;
const KEY = { ctrlC: 0x03, ctrlD: 0x04, backspace: 0x08, newline: 0x0a, enter: 0x0d, ctrlU: 0x15 } as const;
const ESCAPE = 0x1b;
const SPACE = 0x20;
const DELETE = 0x7f;

type Asker = Pick<Io, 'stderr' | 'signal'> & { readonly keyboard: Keyboard };

export const canAsk = <Any extends Pick<Io, 'keyboard'>>(
  io: Any,
): io is Any & { readonly keyboard: Keyboard } => io.keyboard !== undefined;

/**
 * Asks for a line that is not shown, as bytes of its own for the caller to zero; empty when nothing was typed. However it
 * ends, the terminal is as it was. Throws Interrupted at Ctrl-C, and what the signal was aborted with.
 */
export const promptSecret = (io: Asker, question: string): Promise<Buffer> =>
  hidden(io, async () => {
    await write(io.stderr, `${printable(question)}: `);
    try {
      return await readLine(io);
    } finally {
      await write(io.stderr, '\n');
    }
  });

/**
 * While `work` goes on nothing is shown that is typed, also between questions: what is pasted at once comes in pieces. Ctrl-C
 * counts at the next question only, so `work` must not be long.
 */
export async function hidden<Result>({ keyboard }: Asker, work: () => Promise<Result>): Promise<Result> {
  const wasRaw = keyboard.isRaw === true;
  // Before anything is asked: some type fast.
  keyboard.setRawMode(true);
  try {
    return await work();
  } finally {
    keyboard.setRawMode(wasRaw);
  }
}

/** Whether "yes" or "y" was typed. */
export async function confirm(io: Asker, question: string): Promise<boolean> {
  await write(io.stderr, `${printable(question)} [yes/no] `);
  const answer = await readLine(io);
  return /^y(es)?$/i.test(answer.toString().trim());
}

/** What was typed behind the line, such as the next of several that were pasted, is left for the next question. */
async function readLine({ keyboard, signal }: Asker): Promise<Buffer> {
  signal.throwIfAborted();
  const line = Buffer.alloc(MAX_BYTES);
  let length = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const settle = (settled: () => void): void => {
    keyboard.off('data', take).off('end', finish).pause();
    signal.removeEventListener('abort', stop);
    settled();
  };
  const finish = (): void => settle(resolve);
  const stop = (): void => settle(() => reject(signal.reason));
  const take = (chunk: Buffer): void => {
    // Arrows and the like come as one sequence.
    if (chunk[0] === ESCAPE) return;
    for (const [at, key] of chunk.entries()) {
      if (key === KEY.ctrlC) settle(() => reject(new Interrupted('Stopped by Ctrl-C', 130)));
      else if (key === KEY.newline || key === KEY.enter || (key === KEY.ctrlD && length === 0)) finish();
      else {
        length = edit(line, length, key);
        continue;
      }
      if (at + 1 < chunk.length) keyboard.unshift(copyOf(chunk.subarray(at + 1)));
      break;
    }
    chunk.fill(0);
  };
  signal.addEventListener('abort', stop, { once: true });
  keyboard.on('data', take).on('end', finish).resume();
  try {
    await promise;
    return copyOf(line.subarray(0, length));
  } finally {
    line.fill(0);
  }
}

/** The length of the line after the key. */
function edit(line: Buffer, length: number, key: number): number {
  if (key === KEY.ctrlU) return 0;
  if (key === KEY.backspace || key === DELETE) return withoutLast(line, length);
  if (key < SPACE || length === line.length) return length;
  line[length] = key;
  return length + 1;
}

/** One character of UTF-8, which may be several bytes. */
function withoutLast(line: Buffer, length: number): number {
  let at = Math.max(0, length - 1);
  while (at > 0 && ((line[at] ?? 0) & 0xc0) === 0x80) at -= 1;
  return at;
}

/** In memory that belongs to nobody else, so that it can be zeroed. */
function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.alloc(bytes.length);
  bytes.copy(copy);
  return copy;
}
