import { setTimeout as sleep } from 'node:timers/promises';
import { busyCores } from '../ingest/cpu.ts';
import { readUrl } from './gateway.ts';
import { percentile } from './percentile.ts';
import type { Stage } from './stage.ts';

/** Of each listener. */
export const BYTES_PER_SECOND = 64_000;
/** Of the gateway, for one ticket. */
const STREAMS_PER_TICKET = 8;

export const WAYS = ['ranges by gRPC', 'streams by gRPC', 'ranges by HTTP'] as const;
export type Way = (typeof WAYS)[number];

/** What listeners waited for what they were to hear next, in milliseconds. */
export interface Listening {
  readonly way: Way;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  /** Cores that were kept busy, by process. */
  readonly cores: Readonly<Record<string, number>>;
}

/** Hears, and says how long it waited each time. */
type Listen = (listener: number, note: (waited: number) => void) => Promise<void>;

export async function measureListeners(stage: Stage, say: (line: string) => void): Promise<Listening[]> {
  const { client, large, options, system, peers } = stage;
  const { listeners, seconds } = options;
  const urls = await stage.urls(large, Math.ceil(listeners / STREAMS_PER_TICKET));
  const offsetOf = (listener: number) => Math.floor((large.bytes / listeners) * listener);

  /** As players do that ask for what they need when they need it; a second of sound each time. */
  const byRanges =
    (read: (listener: number, offset: number) => Promise<unknown>): Listen =>
    async (listener, note) => {
      const start = performance.now();
      for (let second = 0; second < seconds; second++) {
        await sleep(Math.max(0, start + second * 1_000 - performance.now()));
        const asked = performance.now();
        await read(listener, offsetOf(listener) + second * BYTES_PER_SECOND);
        note(performance.now() - asked);
      }
    };
  const ways: Record<Way, Listen> = {
    'ranges by gRPC': byRanges(async (_, offset) => {
      await using media = await client.open({ ...large, range: { offset, length: BYTES_PER_SECOND } });
      for await (const _ of media.bytes);
    }),
    'streams by gRPC': async (listener, note) => {
      const length = seconds * BYTES_PER_SECOND;
      let asked = performance.now();
      await using media = await client.open({ ...large, range: { offset: offsetOf(listener), length } });
      for await (const { byteLength } of media.bytes) {
        note(performance.now() - asked);
        await sleep((byteLength / BYTES_PER_SECOND) * 1_000);
        asked = performance.now();
      }
    },
    'ranges by HTTP': byRanges((listener, offset) =>
      readUrl(urls[listener % urls.length] ?? '', peers.material, { offset, length: BYTES_PER_SECOND }),
    ),
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
    const waits: number[] = [];
    const { cores } = await busyCores(pids, () => all(listeners, ways[way], (wait) => waits.push(wait)));
    const of = { p50: percentile(waits, 50), p99: percentile(waits, 99), longest: Math.max(...waits) };
    results.push({ way, ...of, cores });
    say(
      `${listeners} listeners, ${way}, ms: p50 ${of.p50.toFixed(1)}, p99 ${of.p99.toFixed(1)}, longest ${of.longest.toFixed(1)}`,
    );
  }
  return results;
}

/** They come one after the other within a second, as people do. */
const all = (count: number, listen: Listen, note: (waited: number) => void): Promise<unknown> =>
  Promise.all(
    Array.from({ length: count }, async (_, listener) => {
      await sleep((listener / count) * 1_000);
      await listen(listener, note);
    }),
  );
