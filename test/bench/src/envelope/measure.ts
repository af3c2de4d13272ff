/**
 * Measures one engine at one job in a process of its own, so that its memory is nobody else's. Started by
 * run-measurement.ts, with the task as the one argument; answers over the channel.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import type { EngineModule, Job, Output, Run } from './engine.ts';
import { peakMemory } from './process-memory.ts';

export interface Task {
  /** URL of the engine's module. */
  readonly module: string;
  readonly job: Job;
  /** For an engine that holds whole files in V8's heap: lets that grow as far as memory may be used. */
  readonly needsHeap?: boolean;
  /** Keeps the result in this file, and does the job just once. */
  readonly keepIn?: string;
}

/** Of one job, on average over `runs`. Bytes; seconds. */
export interface Sample {
  readonly runs: number;
  readonly seconds: number;
  /** Of all threads of this process; not of one that the engine starts. */
  readonly cpuSeconds: number;
  /** Of the engine's process over all runs; absent where it cannot be told. */
  readonly peakMemory?: number;
}

export type Answer =
  | { readonly kind: 'started' }
  | { readonly kind: 'done'; readonly sample: Sample }
  | { readonly kind: 'failed'; readonly reason: string };

/** A short job is done over and over for this long, after being warmed up for a while. */
const MEASURE_SECONDS = 1;
const WARM_UP_SECONDS = 0.3;

const nowhere: Output = { path: devNull, write: () => {} };

interface Spent {
  readonly runs: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Runs it at least once, until so many seconds have gone by. */
async function spend(run: Run, atLeast: number): Promise<Spent> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  let runs = 0;
  let seconds = 0;
  do {
    await run(nowhere);
    runs += 1;
    seconds = (performance.now() - start) / 1000;
  } while (seconds < atLeast);
  const { user, system } = process.cpuUsage(cpu);
  return { runs, seconds, cpuSeconds: (user + system) / 1e6 };
}

async function measure(run: Run): Promise<Spent> {
  const first = await spend(run, 0);
  // A long job is its own warm-up.
  if (first.seconds >= MEASURE_SECONDS) return first;
  await spend(run, WARM_UP_SECONDS);
  return await spend(run, MEASURE_SECONDS);
}

async function keep(run: Run, path: string): Promise<Spent> {
  const file = openSync(path, 'w');
  try {
    const write = (piece: Uint8Array): void => {
      for (let done = 0; done < piece.length; ) done += writeSync(file, piece, done);
    };
    await run({ path, write });
    return { runs: 1, seconds: 0, cpuSeconds: 0 };
  } finally {
    closeSync(file);
  }
}

const answer = (message: Answer): Promise<void> =>
  new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));

async function main({ module, job, keepIn }: Task): Promise<void> {
  const engine = (await import(module)) as EngineModule;
  const run = await engine.prepare(job);
  await answer({ kind: 'started' });
  const { runs, seconds, cpuSeconds } = await (keepIn === undefined ? measure(run) : keep(run, keepIn));
  const peak = engine.peakMemory === undefined ? peakMemory('self') : engine.peakMemory();
  const sample = { runs, seconds: seconds / runs, cpuSeconds: cpuSeconds / runs };
  await answer({ kind: 'done', sample: peak === undefined ? sample : { ...sample, peakMemory: peak } });
}

process.once('disconnect', () => process.exit(1));
try {
  await main(JSON.parse(process.argv[2] ?? '') as Task);
  process.exit(0);
} catch (error) {
  await answer({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}
