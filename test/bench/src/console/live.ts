import { setTimeout as sleep } from 'node:timers/promises';
import { connectBus } from '@sealtrack/bus/connect';
import { busyCores } from '../ingest/cpu.ts';
import { percentile } from '../playback/percentile.ts';
import { memoryOf } from '../profiles/encryptors.ts';
import { type Measurement, measurement } from '../report.ts';
import { startBareConsumer } from './bare-consumer.ts';
import { type LiveReader, openLiveReader } from './live-reader.ts';
import { publishEncrypted, type Sealed } from './publish-encrypted.ts';
import type { Stage } from './stage.ts';

const ENCRYPTED = 'recording.encrypted';
const STORED = 'recording.stored';
/** Milliseconds: a second that is over, and half of one to get there. */
const COUNTED_GOAL = 1_500;
/** For the index to answer what it was told, and the last second to end. */
const SETTLED_WITHIN_MS = 20_000;
/** What is counted twice may come in the second after. */
const AFTER_MS = 1_100;
const POLL_MS = 50;

export async function measureLive(stage: Stage, sealed: Sealed, say: (line: string) => void) {
  const { system, browser, dir, options } = stage;
  const { rate, seconds, readers: count } = options;
  await using stack = new AsyncDisposableStack();
  const transport = await system.connections.transportOf('media-encryptor');
  const bus = stack.use(await connectBus({ transport, url: system.natsUrl, name: 'bench' }));
  const bare = stack.use(await startBareConsumer(dir, system.natsUrl));
  const recordings = Math.max(1, Math.round((rate * seconds) / 2));

  const at: number[] = [];
  const delays: number[] = [];
  const openReader = () => {
    let seen = 0;
    return openLiveReader(browser, sealed.tenantId, (events) => {
      const now = performance.now();
      const end = seen + (events[ENCRYPTED] ?? 0);
      for (; seen < end; seen += 1) delays.push(now - (at[seen] ?? now));
    });
  };
  const readers: LiveReader[] = [];
  for (let i = 0; i < count; i += 1) readers.push(stack.use(await openReader()));

  const service = system.console?.service;
  if (service === undefined) throw new Error('There is no console');
  const [before, bytesBefore] = [memoryOf(service).now, sum(readers.map((each) => each.bytes()))];
  const countedBy = (reader: LiveReader) => [
    reader.counted.get(ENCRYPTED) ?? 0,
    reader.counted.get(STORED) ?? 0,
  ];
  const missing = () => sum(readers.flatMap(countedBy).map((counted) => Math.abs(recordings - counted)));
  say(`${2 * recordings} events, ${rate} a second, ${count} readers …`);
  const consumedBefore = await bare.consumed();
  const started = performance.now();
  const { cores, result } = await busyCores({ console: service.pid, bare: bare.pid }, async () => {
    await publishEncrypted(bus, { ...sealed, perSecond: rate / 2, count: recordings }, at);
    const published = (performance.now() - started) / 1_000;
    const until = performance.now() + SETTLED_WITHIN_MS;
    while (missing() > 0 && performance.now() < until) await sleep(POLL_MS);
    return { published, lasted: (performance.now() - started) / 1_000 };
  });
  const bytes = sum(readers.map((each) => each.bytes())) - bytesBefore;
  await sleep(AFTER_MS);
  const consumed = (await bare.consumed()) - consumedBefore;
  return {
    ...{ rate, readers: count, cores, miscounted: missing(), published: 2 * recordings, consumed },
    perSecond: (2 * recordings) / result.published,
    p50: percentile(delays, 50),
    p99: percentile(delays, 99),
    grownMb: memoryOf(service).now - before,
    memoryMb: memoryOf(service).now,
    kilobytesPerSecond: bytes / count / result.lasted / 1_000,
  };
}

export type Live = Awaited<ReturnType<typeof measureLive>>;

export function liveRows(live: Live): Measurement[] {
  const row = (metric: string, unit: string, value: number) => ({
    ...{
      bench: 'console',
      case: `live, ${live.rate} events/s, ${live.readers} readers`,
      engine: 'sealtrack',
    },
    ...{ metric, unit, value, better: 'lower' as const },
  });
  const limit = live.cores.bare;
  return [
    measurement({
      ...row('busy, beside a bare consumer', 'cores', live.cores.console ?? Number.NaN),
      // In so short a time it may have used none that the system counts.
      ...(limit !== undefined && limit > 0 && { limit }),
    }),
    measurement({ ...row('published', '1/s', live.perSecond), better: 'higher' }),
    measurement({ ...row('missed, or counted twice, by readers', 'events', live.miscounted), goal: 0 }),
    measurement({
      ...row(
        'missed, or read twice, by the bare consumer',
        'events',
        Math.abs(live.published - live.consumed),
      ),
      goal: 0,
    }),
    measurement(row('from publishing to the second, p50', 'ms', live.p50)),
    measurement({ ...row('from publishing to the second, p99', 'ms', live.p99), goal: COUNTED_GOAL }),
    measurement(row('memory', 'MB', live.memoryMb)),
    measurement(row('memory, grown meanwhile', 'MB', live.grownMb)),
    measurement(row('to each reader', 'kB/s', live.kilobytesPerSecond)),
  ];
}

const sum = (all: readonly number[]): number => all.reduce((total, each) => total + each, 0);
