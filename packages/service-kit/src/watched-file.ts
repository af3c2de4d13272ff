import { readFile, stat } from 'node:fs/promises';
import { AppError } from '@sealtrack/errors/app-error';
import type { Log } from './logger.ts';

const CHECK_MS = 1_000;
const MAX_BYTES = 16 * 1024 * 1024;
const PEM = 'Make it a PEM file of at least one, readable by the user of this service.';

export interface WatchedFile<T> extends Disposable {
  /** As the file was when it was last whole. */
  readonly value: T;
}

export interface WatchOptions<T> {
  readonly parse: (file: Buffer) => T;
  /** For people, in the plural: "the file of trusted roots". */
  readonly what: string;
  readonly log: Log;
  /** What to do about a file that cannot be used; about one of PEM unless told. */
  readonly fix?: string;
  /** Called when there is another value. */
  readonly onChange?: () => void;
}

/**
 * Something that is read from a file, and again within a second of its changing. While what is there cannot be read, as
 * when it is being written, the value before stays, and the log says so.
 * @throws AppError CONFIG_INVALID when it cannot be read to begin with.
 */
export async function watchFile<T>(
  path: string,
  { parse, what, log, fix = PEM, onChange = () => {} }: WatchOptions<T>,
): Promise<WatchedFile<T>> {
  const look = async () => {
    const { mtimeMs, ino, size } = await stat(path);
    return { version: `${mtimeMs} ${ino} ${size}`, size };
  };
  const read = async () => {
    const { version, size } = await look();
    if (size > MAX_BYTES) throw new Error('it is larger than 16 MiB');
    return { version, value: parse(await readFile(path)) };
  };
  let current = await read().catch((cause: unknown) => {
    throw new AppError('CONFIG_INVALID', `The file of ${what}, ${path}, cannot be used`, {
      fix,
      cause,
    });
  });
  let refused = '';
  async function followChange(): Promise<void> {
    const { version } = await look().catch(() => ({ version: 'missing' }));
    if (version === current.version) refused = '';
    if (version === current.version || version === refused) return;
    try {
      current = await read();
      refused = '';
      log.info({ path }, `the file of ${what} changed, and is used`);
      onChange();
    } catch (err) {
      refused = version;
      log.error({ err, path }, `the file of ${what} cannot be read: the one before stays`);
    }
  }
  let isBusy = false;
  const timer = setInterval(async () => {
    // A disk may take longer than a second, and what is read first must not be used last.
    if (isBusy) return;
    isBusy = true;
    await followChange();
    isBusy = false;
  }, CHECK_MS);
  timer.unref();
  return {
    get value() {
      return current.value;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
