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

export interface Meter {
  add(bytes: number): void;
  /** Makes room for a line of something else; the meter comes back with the next bytes. */
  clear(): void;
}

/** Shows how it goes to people who have waited a second for it. */
export function createMeter({ stderr, enabled, label, total }: ProgressOptions): Meter {
  if (!enabled) return { add: () => {}, clear: () => {} };
  const started = performance.now();
  let nextDraw = started + QUIET_MS;
  let done = 0;
  let drawn = false;
  return {
    add(bytes) {
      done += bytes;
      const now = performance.now();
      if (now < nextDraw) return;
      stderr.write(CLEAR_LINE + progressLine(label, done, total, (now - started) / 1000));
      nextDraw = now + REDRAW_MS;
      drawn = true;
    },
    clear() {
      if (drawn) stderr.write(CLEAR_LINE);
      drawn = false;
    },
  };
}

const BAR_WIDTH = 30;

export interface Bar {
  show(done: number, total: number): void;
  clear(): void;
}

/** How far work is that is counted in pieces. */
export const createBar = ({ stderr, enabled, label }: Omit<ProgressOptions, 'total'>): Bar => ({
  show: (done, total) => {
    if (enabled) stderr.write(CLEAR_LINE + barLine(label, done, total));
  },
  clear: () => {
    if (enabled) stderr.write(CLEAR_LINE);
  },
});

export function barLine(label: string, done: number, total: number): string {
  const filled = total === 0 ? BAR_WIDTH : Math.floor((BAR_WIDTH * Math.min(done, total)) / total);
  return `${label}: [${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${done} of ${total}`;
}

/** Passes the stream on through a meter. */
export async function* withProgress(
  source: AsyncIterable<Uint8Array>,
  options: ProgressOptions,
): AsyncGenerator<Uint8Array> {
  const meter = createMeter(options);
  try {
    for await (const chunk of source) {
      meter.add(chunk.byteLength);
      yield chunk;
    }
  } finally {
    meter.clear();
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
