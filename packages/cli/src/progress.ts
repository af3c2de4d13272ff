import type { Writable } from 'node:stream';
import { formatBytes, formatRate } from './units.ts';

const QUIET_MS = 1_000;
const REDRAW_MS = 200;
const CLEAR_LINE = '\r\u001b[K';

export interface ProgressOptions {
  readonly stderr: Writable;
  readonly enabled: boolean;
  readonly label: string;
  /** Bytes, when they are known beforehand. */
  readonly total?: number | undefined;
}

/** Passes the stream on, and shows how it goes to people who have waited a second for it. */
export async function* withProgress(
  source: AsyncIterable<Uint8Array>,
  { stderr, enabled, label, total }: ProgressOptions,
): AsyncGenerator<Uint8Array> {
  if (!enabled) {
    yield* source;
    return;
  }
  const started = performance.now();
  let nextDraw = started + QUIET_MS;
  let bytes = 0;
  let drawn = false;
  try {
    for await (const chunk of source) {
      bytes += chunk.byteLength;
      const now = performance.now();
      if (now >= nextDraw) {
        stderr.write(CLEAR_LINE + progressLine(label, bytes, total, (now - started) / 1000));
        nextDraw = now + REDRAW_MS;
        drawn = true;
      }
      yield chunk;
    }
  } finally {
    if (drawn) stderr.write(CLEAR_LINE);
  }
}

export function progressLine(
  label: string,
  bytes: number,
  total: number | undefined,
  seconds: number,
): string {
  const share =
    total === undefined || total === 0
      ? ''
      : ` of ${formatBytes(total)} (${Math.floor((100 * bytes) / total)} %)`;
  return `${label}: ${formatBytes(bytes)}${share}, ${formatRate(bytes, seconds)}`;
}
