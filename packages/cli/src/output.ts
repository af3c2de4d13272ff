import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { AppError } from '@sealtrack/errors/app-error';

/** What a command says: the same facts as JSON for programs, or as short text for people. */
export interface Output {
  readonly json: boolean;
  /** One object for programs; for people the text, which is made only when wanted. */
  result(value: object, people: () => string): Promise<void>;
  /** One object a line for programs; one table for people. */
  list<T extends object>(items: readonly T[], people: (items: readonly T[]) => string): Promise<void>;
}

export function createOutput(stdout: Writable, json: boolean): Output {
  return {
    json,
    result: (value, people) => write(stdout, `${json ? toJson(value) : people()}\n`),
    list: async (items, people) => {
      if (!json) return write(stdout, `${people(items)}\n`);
      for (const item of items) await write(stdout, `${toJson(item)}\n`);
    },
  };
}

export async function write(stream: Writable, chunk: string | Uint8Array): Promise<void> {
  if (!stream.write(chunk)) await once(stream, 'drain');
}

/** Sizes are numbers and times ISO 8601; a number too large to be exact is a string. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'bigint' ? (each <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(each) : String(each)) : each,
  );

/** What others wrote, such as an alias, must not steer the reader's terminal. */
export const printable = (text: string): string => text.replace(/\p{Cc}|\p{Cf}/gu, '\u{fffd}');

/** The same for a text of several lines, each behind a mark that nothing in it can do without. */
export const printableLines = (text: string, mark: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `${mark}${printable(line)}`)
    .join('\n');

/** Columns as wide as their widest cell. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads, ...rows.map((row) => row.map(printable))];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function errorText(error: AppError, json: boolean): string {
  const { code, message, fix, details } = error;
  if (json) return `${toJson({ error: { code, message, fix, details } })}\n`;
  return `error: ${printable(message)}\nfix: ${printable(fix)}\n`;
}
