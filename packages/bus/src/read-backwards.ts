import type { Bus } from './bus.ts';
import { busError } from './bus-errors.ts';
import { lookAhead } from './look-ahead.ts';
import { openReader, type ReadMessage } from './reader.ts';

export interface BackwardOptions {
  readonly stream: string;
  readonly subject: string;
  /** Only messages with a smaller number; from the newest on unless told. */
  readonly before?: number | undefined;
  /** Only what the stream got from then on. */
  readonly since?: Date | undefined;
  /** Only what it got before then. */
  readonly until?: Date | undefined;
  /** Messages that are fetched and held at a time. */
  readonly atOnce: number;
  readonly signal: AbortSignal;
}

const WINDOW = 256;
/** What was counted may be deleted before it is read: after this long without one there is no more of it. */
const SILENCE_MS = 1_000;
const STRIDE = 4;

/**
 * Messages of a subject, the newest first. Streams are read forwards only: so it goes back in strides, and counts what lies in a
 * long one before any of it is fetched. Strides are longer where there is little, so that it costs no more than some questions to cross a stream
 * in which there is nothing. It ends when the signal aborts. Errors: BUS_UNAVAILABLE, also when the connection is lost in the middle.
 */
export async function* readBackwards(bus: Bus, options: BackwardOptions): AsyncGenerator<ReadMessage> {
  const { since, until, before = Number.POSITIVE_INFINITY, atOnce, signal } = options;
  const ahead = (start: Parameters<typeof lookAhead>[2]) => lookAhead(bus, options, start);
  try {
    const newest = await ahead(until === undefined ? 'new' : { time: until });
    const { startsAt: floor } = await ahead(since === undefined ? 'first' : { time: since });
    let end = Math.min(before, newest.startsAt);
    for (let stride = atOnce; end > floor && !signal.aborted; ) {
      const from = Math.max(floor, end - stride);
      let count: number | undefined;
      // Within a stride of so many numbers there cannot be more messages.
      if (end - from > atOnce) {
        const [inclusive, after] = await Promise.all([ahead({ sequence: from }), ahead({ sequence: end })]);
        count = inclusive.pending - after.pending;
        if (count > atOnce) {
          stride = Math.max(atOnce, Math.floor(stride / STRIDE));
          continue;
        }
      }
      const found = count === 0 ? [] : await readBetween(bus, options, { from, end, count });
      yield* found.reverse();
      end = from;
      if (found.length < atOnce / STRIDE) stride *= STRIDE;
    }
  } catch (error) {
    throw busError(bus, `Reading ${options.stream}`, error);
  }
}

interface Between {
  readonly from: number;
  /** Not any more. */
  readonly end: number;
  /** How many there are, where that is known. */
  readonly count: number | undefined;
}

async function readBetween(
  bus: Bus,
  { stream, subject, signal }: BackwardOptions,
  { from, end, count }: Between,
): Promise<ReadMessage[]> {
  const most = count ?? end - from;
  const found: ReadMessage[] = [];
  const what = { stream, filter: subject, window: Math.min(most, WINDOW), signal };
  using reader = await openReader(bus, { ...what, start: { sequence: from } });
  if (reader.pendingAtStart === 0) return [];
  while (found.length < most) {
    const messages = await reader.nextAll(SILENCE_MS);
    const last = messages?.at(-1);
    if (messages === undefined || last === undefined) break;
    found.push(...messages.filter(({ sequence }) => sequence < end));
    if (last.sequence >= end || last.pending === 0) break;
  }
  return found.slice(0, most);
}
