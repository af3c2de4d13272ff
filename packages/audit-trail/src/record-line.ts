import { AppError } from '@sealtrack/errors/app-error';
import type { StoredRecord } from './record.ts';

/** A record as a line of JSON, without its line end: what is needed to verify it again, and to read it. */
export function toLine({ sequence, time, subject, headers, body }: StoredRecord): string {
  const text = Buffer.from(body).toString();
  const bytes = Buffer.from(text).equals(body)
    ? { body: text }
    : { bodyBase64: Buffer.from(body).toString('base64') };
  return JSON.stringify({ sequence, time, subject, headers, ...bytes });
}

/** @param number of the line, from 1. @throws AppError INVALID_ARGUMENT when it is none that `toLine` has made. */
export function fromLine(line: string, number: number): StoredRecord {
  try {
    const { sequence, time, subject, headers, body, bodyBase64 } = JSON.parse(line) as Record<
      string,
      unknown
    >;
    const at = new Date(String(time));
    const isText = (value: unknown): value is string => typeof value === 'string';
    const content = isText(bodyBase64)
      ? Buffer.from(bodyBase64, 'base64')
      : isText(body) && Buffer.from(body);
    if (Number.isSafeInteger(sequence) && isText(subject) && content && !Number.isNaN(at.getTime()))
      return { sequence: Number(sequence), time: at, subject, headers: headersOf(headers), body: content };
  } catch {
    // Said below.
  }
  throw new AppError('INVALID_ARGUMENT', `Line ${number} is no audit record`, {
    fix: 'Give a file as sealtrack audit export writes it, as it is.',
    details: { line: String(number) },
  });
}

function headersOf(value: unknown): Record<string, string> {
  const entries = Object.entries(value as object);
  if (entries.some(([, each]) => typeof each !== 'string')) throw new TypeError('A header is text');
  return Object.fromEntries(entries) as Record<string, string>;
}

/** A record never has more than this as a line: the stream takes 256 KiB, and escaping makes six of one at most. */
const MAX_LINE = 2 * 1024 * 1024;

/** Records of a file of lines. @throws AppError INVALID_ARGUMENT, naming the line. */
export async function* readLines(content: AsyncIterable<Uint8Array>): AsyncGenerator<StoredRecord> {
  let number = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const block of content) {
    rest = rest.length === 0 ? Buffer.from(block) : Buffer.concat([rest, block]);
    let from = 0;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, from)) {
      number += 1;
      const line = rest.toString('utf8', from, end).trim();
      from = end + 1;
      if (line !== '') yield fromLine(line, number);
    }
    rest = Buffer.from(rest.subarray(from));
    if (rest.length > MAX_LINE) fromLine('', number + 1);
  }
  if (rest.toString().trim() !== '') yield fromLine(rest.toString(), number + 1);
}
