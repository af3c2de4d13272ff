import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Party } from '@sealtrack/authority/bootstrap';
import { connectBus } from '@sealtrack/bus/connect';
import { openKv } from '@sealtrack/bus/kv';
import { ensureStreams } from '@sealtrack/bus/streams';
import { BUCKETS } from '@sealtrack/contracts/subjects';
import { openConnections } from '@sealtrack/launcher/connections';
import type { ServiceProcess } from '@sealtrack/launcher/service-process';
import { WORKSPACE } from '@sealtrack/launcher/workspace';
import { startNats } from '@sealtrack/local-servers/start-nats';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { median } from '../envelope/median.ts';
import { type Measurement, measurement } from '../report.ts';
import { memoryOf, startEncryptor, watchStatuses } from './encryptors.ts';
import { createProfileMaker, fillBucket, TENANT } from './fill-bucket.ts';
import type { ProfilesOptions } from './options.ts';

type Say = (line: string) => void;

/** Seconds; of the median. */
const READY_GOAL = 5;
const PUSH_GOAL = 1;
/** Microseconds. */
const CHOOSE_GOAL = 50;
/** Where a push is measured, each encryptor has these; 20 processes with 10,000 each would be all that two cores do. */
const FEW = 100;

/** Every encryptor is a process of its own; that it has a push, it says itself. */
export async function benchProfiles(options: ProfilesOptions, say: Say): Promise<Measurement[]> {
  return [
    ...(await measureStart(options, say)),
    ...(await measurePush(options, say)),
    ...(await measureChoosing(say)),
  ];
}

async function measureStart({ profiles, rounds }: ProfilesOptions, say: Say): Promise<Measurement[]> {
  await using system = await startBus();
  const { kv, statuses } = system;
  const start = async (name: string, revision: number) => {
    const started = performance.now();
    await using encryptor = await startEncryptor(system, name);
    const ready = (performance.now() - started) / 1_000;
    await statuses.reached(1, revision);
    return { ready, reviewed: (performance.now() - started) / 1_000, ...memoryOf(encryptor) };
  };
  const results: Record<'without' | 'with', Awaited<ReturnType<typeof start>>[]> = { without: [], with: [] };
  for (let round = 1; round <= rounds; round += 1) results.without.push(await start(`empty-${round}`, 0));
  say(`filling the bucket with ${profiles} profiles …`);
  const revision = await fillBucket(kv, profiles, createProfileMaker());
  for (let round = 1; round <= rounds; round += 1) {
    statuses.forget();
    const result = await start(`full-${round}`, revision);
    results.with.push(result);
    say(`ready after ${result.ready.toFixed(2)} s, all reviewed after ${result.reviewed.toFixed(1)} s`);
  }
  const of = (which: keyof typeof results, what: 'ready' | 'reviewed' | 'now' | 'peak') =>
    median(results[which].map((each) => each[what]));
  const row = (metric: string, unit: string, value: number) => ({
    ...{ bench: 'profiles', case: `${profiles} profiles`, engine: 'sealtrack', metric, unit, value },
    better: 'lower' as const,
  });
  return [
    measurement({ ...row('start to ready', 's', of('with', 'ready')), goal: READY_GOAL }),
    measurement({ ...row('start to ready', 's', of('without', 'ready')), case: 'no profiles' }),
    measurement(row('start to all certificates judged', 's', of('with', 'reviewed'))),
    measurement(row('memory', 'MB', of('with', 'now'))),
    measurement({ ...row('memory', 'MB', of('without', 'now')), case: 'no profiles' }),
    measurement(row('peak memory', 'MB', of('with', 'peak'))),
  ];
}

async function measurePush({ encryptors, pushes }: ProfilesOptions, say: Say): Promise<Measurement[]> {
  await using system = await startBus();
  const { kv, statuses } = system;
  const maker = createProfileMaker();
  const before = await fillBucket(kv, FEW, maker);
  await using stack = new AsyncDisposableStack();
  say(`starting ${encryptors} encryptors …`);
  for (let i = 1; i <= encryptors; i += 1)
    stack.use<ServiceProcess>(await startEncryptor(system, `encryptor-${i}`));
  await statuses.reached(encryptors, before);
  const seconds: number[] = [];
  for (let i = 0; i < pushes; i += 1) {
    const value = maker.make(1 + (i % FEW));
    const started = performance.now();
    const revision = await kv.put(`${TENANT}.${1 + (i % FEW)}`, value);
    await statuses.reached(encryptors, revision);
    seconds.push((performance.now() - started) / 1_000);
    // Nobody pushes twice in a moment, and what a status waits for after another is not measured.
    await new Promise((resolve) => void setTimeout(resolve, 500));
  }
  const row = (metric: string, value: number) => ({
    ...{
      bench: 'profiles',
      case: `push to ${encryptors} encryptors`,
      engine: 'sealtrack',
      metric,
      unit: 's',
      value,
    },
    better: 'lower' as const,
  });
  return [
    measurement({ ...row('until the last one runs it, median', median(seconds)), goal: PUSH_GOAL }),
    measurement(row('until the last one runs it, longest', Math.max(...seconds))),
  ];
}

async function measureChoosing(say: Say): Promise<Measurement[]> {
  say('choosing …');
  const script = join(WORKSPACE, 'services/media-encryptor/src/testing/measure-choosing.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  const { first, again, anew } = JSON.parse(stdout) as Record<'first' | 'again' | 'anew', number>;
  const row = (metric: string, value: number) => ({
    ...{
      bench: 'profiles',
      case: 'choosing of 3 certificates',
      engine: 'sealtrack',
      metric,
      unit: 'µs',
      value,
    },
    better: 'lower' as const,
  });
  return [
    measurement({ ...row('a recording', again), goal: CHOOSE_GOAL }),
    measurement(row('the first recording of a profile', first)),
    measurement({ ...row('a recording', anew), engine: 'judging anew each time' }),
  ];
}

async function startBus() {
  await using stack = new AsyncDisposableStack();
  const folder = await temporaryFolder();
  stack.defer(() => folder.remove());
  const connections = stack.use(await openConnections({ dir: folder.path }));
  const env = { ...process.env, SEALTRACK_NATS_URL: '' };
  const tls = connections.serverTls('nats');
  const nats = stack.use(await startNats({ dir: join(folder.path, 'nats'), env, tls }));
  const connect = async (party: Party) => {
    const transport = await connections.transportOf(party);
    return stack.use(await connectBus({ transport, url: nats.url, name: 'bench' }));
  };
  await ensureStreams(await connect('administrator'));
  // Who writes profiles, and reads what encryptors say.
  const bus = await connect('profile-config');
  const stop = new AbortController();
  const statuses = watchStatuses(openKv(bus, BUCKETS.encryptors), stop.signal);
  stack.defer(async () => {
    stop.abort();
    await statuses.done;
  });
  const owned = stack.move();
  return {
    kv: openKv(bus, BUCKETS.profiles),
    statuses,
    dir: folder.path,
    url: nats.url,
    connections,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
