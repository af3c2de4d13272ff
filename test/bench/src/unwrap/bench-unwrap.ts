import { join } from 'node:path';
import { type Doors, openDoors } from '@sealtrack/launcher/demo/doors';
import { type System, startSystem } from '@sealtrack/launcher/system';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { busyCores } from '../ingest/cpu.ts';
import type { Measurement } from '../report.ts';
import { type Bare, startBare } from './engines/bare.ts';
import { opensslRate } from './engines/openssl.ts';
import { checkAnswer, sealtrackRate } from './engines/sealtrack.ts';
import { longestDelay, watchLoop } from './loop-delay.ts';
import type { UnwrapOptions } from './options.ts';
import { CASES, type CaseName, type Round, rowsOf } from './rows.ts';
import { makeWrappedKeys, type WrappedKeys } from './wrapped-keys.ts';

const LOADS: Readonly<Record<CaseName, { batch: number; inFlight: number }>> = {
  'one by one': { batch: 1, inFlight: 32 },
  'batches of 64': { batch: 64, inFlight: 4 },
};

const WARM_UP_PER_MS = 3;

interface Bench {
  readonly options: UnwrapOptions;
  readonly system: System;
  readonly doors: Doors;
  readonly loopFile: string;
}

/** UnwrapKeys of a crypto server with two threads, beside what two threads and two processes do that do nothing else. */
export async function benchUnwrap(
  options: UnwrapOptions,
  say: (line: string) => void,
): Promise<Measurement[]> {
  await using folder = await temporaryFolder();
  const loopFile = join(folder.path, 'event-loop.json');
  say('starting the system …');
  await using system = await startSystem({
    dir: join(folder.path, 'system'),
    env: {
      'crypto-server': {
        // One caller makes all the load.
        ...{ SEALTRACK_UNWRAP_THREADS: '2', SEALTRACK_CALLS_PER_SECOND: '100000' },
        ...watchLoop(loopFile),
      },
    },
  });
  await using doors = await openDoors(system);
  const bench: Bench = { options, system, doors, loopFile };
  const rows: Measurement[] = [];
  for (const bits of options.sizes) {
    const keys = await makeWrappedKeys(doors, bits);
    await checkAnswer(doors, keys);
    rows.push(...rowsOf(bits, await measureRounds(bench, keys, say)));
  }
  return rows;
}

async function measureRounds(bench: Bench, keys: WrappedKeys, say: (line: string) => void): Promise<Round[]> {
  const { rounds, milliseconds } = bench.options;
  await using bare = await startBare(keys);
  for (const name of CASES) await warmUp(bench, keys, name);
  const results: Round[] = [];
  for (let round = 1; round <= rounds; round++) {
    // There and back again, so that a machine that gets slower or faster meanwhile does so for all.
    const before = await measureBare(bare, milliseconds);
    const there = await measureCases(bench, keys, CASES);
    const back = await measureCases(bench, keys, CASES.toReversed());
    const after = await measureBare(bare, milliseconds);
    const openssl = await opensslRate(keys.bits);
    results.push({ bare: [before, after], openssl, sealtrack: [...there, ...back] });
    const rates = [...there, ...back].map(({ name, rate }) => `${name} ${rate.toFixed(0)}`);
    const bares = [before, after].map(({ rate }) => rate.toFixed(0));
    say(`${keys.bits} round ${round}: bare ${bares.join(' ')}, ${rates.join(', ')}`);
  }
  return results;
}

/** By work and not by time: what is compiled for speed is what ran often, however busy the machine was. */
async function warmUp({ options, doors }: Bench, keys: WrappedKeys, name: CaseName): Promise<void> {
  const wanted = WARM_UP_PER_MS * options.milliseconds;
  for (let done = 0; done < wanted; ) {
    const seconds = options.milliseconds / 1000;
    done += seconds * (await sealtrackRate(doors, keys, LOADS[name], options.milliseconds));
  }
}

async function measureBare(bare: Bare, milliseconds: number) {
  const { result: rate, cores } = await busyCores({ bare: process.pid }, () => bare.rate(milliseconds));
  return { rate, cores };
}

async function measureCases(
  { options, system, doors, loopFile }: Bench,
  keys: WrappedKeys,
  names: readonly CaseName[],
) {
  const { services, nats } = system;
  const server = services['crypto-server'].pid;
  const pids = { 'crypto-server': server, 'load generator': process.pid, 'nats-server': nats.pid };
  const results: Round['sealtrack'][number][] = [];
  for (const name of names) {
    await longestDelay(server, loopFile);
    const { result, cores } = await busyCores(pids, () =>
      sealtrackRate(doors, keys, LOADS[name], options.milliseconds),
    );
    results.push({ name, rate: result, cores, loop: await longestDelay(server, loopFile) });
  }
  return results;
}
