import { setTimeout as sleep } from 'node:timers/promises';
import { busyCores } from '../ingest/cpu.ts';
import { type ByteRange, gatewayClient } from './gateway.ts';
import { percentile } from './percentile.ts';
import type { Stage } from './stage.ts';

/** Of each listener. */
export const BYTES_PER_SECOND = 64_000;
/** Of the gateway, for one ticket. */
const STREAMS_PER_TICKET = 8;

/** Streams, as players have them; and a range for each second, which is 200 records of the audit and as many seeks a second. */
export const WAYS = ['streams by gRPC', 'streams by HTTP', 'ranges by gRPC'] as const;
export type Way = (typeof WAYS)[number];

/** What listeners waited for what they were to hear next, and for the first of it, in milliseconds. */
export interface Listening {
  readonly way: Way;
  readonly firstP50: number;
  readonly firstP99: number;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  /** Cores that were kept busy, by process. */
  readonly cores: Readonly<Record<string, number>>;
}

/** Hears, and says how long it waited each time. */
type Listen = (listener: number, note: (waited: number, isFirst: boolean) => void) => Promise<void>;

export async function measureListeners(stage: Stage, say: (line: string) => void): Promise<Listening[]> {
  const { client, large, options, system, peers } = stage;
  const { listeners, seconds } = options;
  const urls = await stage.urls(large, Math.ceil(listeners / STREAMS_PER_TICKET));
  using gateway = gatewayClient(peers.material);
  const offsetOf = (listener: number) => Math.floor((large.bytes / listeners) * listener);

  /** Takes what is due, and not before. */
  const byStream =
    (read: (listener: number, range: ByteRange) => AsyncIterable<Uint8Array>): Listen =>
    async (listener, note) => {
      const range = { offset: offsetOf(listener), length: seconds * BYTES_PER_SECOND };
      let isFirst = true;
      let asked = performance.now();
      for await (const { byteLength } of read(listener, range)) {
        note(performance.now() - asked, isFirst);
        isFirst = false;
        await sleep((byteLength / BYTES_PER_SECOND) * 1_000);
        asked = performance.now();
      }
    };
  const ways: Record<Way, Listen> = {
    'streams by gRPC': byStream(async function* (_, range) {
      await using media = await client.open({ ...large, range });
      yield* media.bytes;
    }),
    'streams by HTTP': byStream(async function* (listener, range) {
      yield* await gateway.open(urls[listener % urls.length] ?? '', range);
    }),
    async 'ranges by gRPC'(listener, note) {
      const start = performance.now();
      for (let second = 0; second < seconds; second++) {
        await sleep(Math.max(0, start + second * 1_000 - performance.now()));
        const asked = performance.now();
        const offset = offsetOf(listener) + second * BYTES_PER_SECOND;
        await using media = await client.open({ ...large, range: { offset, length: BYTES_PER_SECOND } });
        for await (const _ of media.bytes);
        note(performance.now() - asked, second === 0);
      }
    },
  };
  const { services, nats } = system;
  const pids = {
    'crypto-server': services['crypto-server'].pid,
    playback: services.playback.pid,
    'nats-server': nats.pid,
    listeners: process.pid,
  };
  const results: Listening[] = [];
  for (const way of WAYS) {
    const gaps: number[] = [];
    const firsts: number[] = [];
    const note = (waited: number, isFirst: boolean) => void (isFirst ? firsts : gaps).push(waited);
    const { cores } = await busyCores(pids, () => all(options, ways[way], note));
    // Of what came in one piece.
    if (gaps.length === 0) gaps.push(0);
    const of = {
      ...{ firstP50: percentile(firsts, 50), firstP99: percentile(firsts, 99) },
      ...{ p50: percentile(gaps, 50), p99: percentile(gaps, 99), longest: Math.max(...gaps) },
    };
    results.push({ way, ...of, cores });
    const said = Object.entries(of).map(([name, ms]) => `${name} ${ms.toFixed(1)}`);
    say(`${listeners} listeners, ${way}, ms: ${said.join(', ')}`);
  }
  return results;
}

/** They come one after the other, in half of the time, and each stays for all of it. */
const all = (
  { listeners, seconds }: Pick<Stage['options'], 'listeners' | 'seconds'>,
  listen: Listen,
  note: Parameters<Listen>[1],
): Promise<unknown> =>
  Promise.all(
    Array.from({ length: listeners }, async (_, listener) => {
      await sleep((listener / listeners) * (seconds / 2) * 1_000);
      await listen(listener, note);
    }),
  );
