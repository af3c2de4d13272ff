import { renameSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { noteLines } from './testing/note-lines.ts';
import { watchFile } from './watched-file.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const path = `${folder.path}/file`;

beforeEach(() => {
  writeFileSync(path, 'one.');
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => void vi.useRealTimers());

/** Whole is what ends in a dot. */
async function watching() {
  const { lines, log } = noteLines();
  let reads = 0;
  const onChange = vi.fn();
  const parse = (bytes: Buffer) => {
    reads += 1;
    const text = bytes.toString();
    if (!text.endsWith('.')) throw new Error('it is half');
    return text;
  };
  const file = await watchFile(path, { parse, what: 'words', log, onChange });
  return { file, lines, onChange, reads: () => reads };
}
type Watching = Awaited<ReturnType<typeof watching>>;

/** Lets seconds pass until so many lines are in the log: what it reads in a second is real. */
const untilSaid = ({ lines }: Watching, count: number) =>
  vi.waitFor(
    async () => {
      await vi.advanceTimersByTimeAsync(1_000);
      expect(lines).toHaveLength(count);
    },
    { timeout: 30_000, interval: 10 },
  );
/** Lets more seconds pass, in each of which it could do what it should not. */
async function rest(): Promise<void> {
  for (let second = 0; second < 10; second += 1) {
    await vi.advanceTimersByTimeAsync(1_000);
    await new Promise((resolve) => void setTimeout(resolve, 1));
  }
}
/** In one step, since it may be looking right now. */
function write(text: string): void {
  writeFileSync(`${path}.next`, text);
  renameSync(`${path}.next`, path);
}

test('it is read again when it changes, and not when it does not', async () => {
  const watched = await watching();
  using file = watched.file;
  expect(file.value).toBe('one.');
  const { mtimeMs } = statSync(path);
  writeFileSync(path, 'two.');
  // However coarse the times of the file system are.
  utimesSync(path, new Date(), new Date(mtimeMs + 1_000));
  // Three seconds of a disk that takes as long.
  vi.advanceTimersByTime(3_000);
  await untilSaid(watched, 1);
  await rest();
  expect(file.value).toBe('two.');
  expect(watched.lines).toMatchObject([{ level: 'info', fields: { path } }]);
  expect(watched.onChange).toHaveBeenCalledOnce();
  expect(watched.reads()).toBe(2);
  // Replaced by one of the same size and time, as by a tool that keeps times.
  const { atime, mtime } = statSync(path);
  writeFileSync(`${path}.new`, 'six.');
  utimesSync(`${path}.new`, atime, mtime);
  renameSync(`${path}.new`, path);
  await untilSaid(watched, 2);
  expect(file.value).toBe('six.');
  expect(watched.reads()).toBe(3);
});

test('while it is half written the one before stays, and that is said once', async () => {
  const watched = await watching();
  using file = watched.file;
  write('tw');
  await untilSaid(watched, 1);
  await rest();
  expect(file.value).toBe('one.');
  expect(watched.lines[0]).toMatchObject({ level: 'error', message: expect.stringContaining('stays') });
  expect(watched.onChange).not.toHaveBeenCalled();
  write('two.');
  await untilSaid(watched, 2);
  expect(file.value).toBe('two.');
  expect(watched.reads()).toBe(3);
});

test('while it is missing the one before stays, and each time that it goes is said', async () => {
  const watched = await watching();
  using file = watched.file;
  for (const [index, next] of ['two.', 'three.'].entries()) {
    const before = file.value;
    rmSync(path);
    await untilSaid(watched, 2 * index + 1);
    await rest();
    expect(file.value).toBe(before);
    write(next);
    await untilSaid(watched, 2 * index + 2);
    expect(file.value).toBe(next);
  }
  expect(watched.lines.map(({ level }) => level)).toEqual(['error', 'info', 'error', 'info']);
});

test('one that was away and is back as it was is not read again, and is missed the next time', async () => {
  const watched = await watching();
  using file = watched.file;
  for (const times of [1, 2]) {
    renameSync(path, `${path}.away`);
    await untilSaid(watched, times);
    renameSync(`${path}.away`, path);
    await rest();
  }
  expect(watched.lines.map(({ level }) => level)).toEqual(['error', 'error']);
  expect([file.value, watched.reads()]).toEqual(['one.', 1]);
});

test('one that is too large is not read', async () => {
  const watched = await watching();
  using file = watched.file;
  truncateSync(path, 16 * 1024 * 1024 + 1);
  await untilSaid(watched, 1);
  expect(watched.lines).toMatchObject([
    { level: 'error', fields: { err: { message: expect.stringContaining('16 MiB') } } },
  ]);
  expect(watched.reads()).toBe(1);
  expect(file.value).toBe('one.');
});

test.each([
  ['missing', () => rmSync(path)],
  ['half', () => writeFileSync(path, 'tw')],
])('at the start one that is %s is an error', async (_, change) => {
  change();
  await expect(watching()).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(path),
    cause: expect.any(Error),
  });
  expect(vi.getTimerCount()).toBe(0);
});

test('it looks no more when it is disposed', async () => {
  const { file } = await watching();
  expect(vi.getTimerCount()).toBe(1);
  file[Symbol.dispose]();
  expect(vi.getTimerCount()).toBe(0);
});
