import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { forget, reap } from '@sealtrack/local-servers/reaper';
import type { Answer, Sample, Task } from './measure.ts';
import { peakMemory } from './process-memory.ts';

/** Why an engine cannot do a job, in a few words for its reader. */
export interface Unable {
  readonly unable: string;
}

export interface Limits {
  /** For one job; reading keys and starting are not counted. */
  readonly seconds: number;
  /** Bytes. */
  readonly memory: number;
}

const CHILD = fileURLToPath(new URL('./measure.ts', import.meta.url));
const START_SECONDS = 60;
const LOOK_EVERY_MS = 50;

/** Does not throw for what an engine cannot do. Throws when `signal` is aborted. */
export async function runMeasurement(
  task: Task,
  limits: Limits,
  signal: AbortSignal,
): Promise<Sample | Unable> {
  signal.throwIfAborted();
  const flags = task.needsHeap ? [`--max-old-space-size=${Math.floor(limits.memory / 2 ** 20)}`] : [];
  // A group of its own, so that what the engine starts ends with it.
  const child = spawn(process.execPath, [...flags, CHILD, JSON.stringify(task)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true,
  });
  const { pid } = child;
  if (pid !== undefined) reap('pid', pid);
  try {
    const outcome = await outcomeOf(child, limits, signal);
    signal.throwIfAborted();
    return outcome;
  } finally {
    if (pid !== undefined) forget('pid', pid);
  }
}

function outcomeOf(child: ChildProcess, limits: Limits, signal: AbortSignal): Promise<Sample | Unable> {
  let outcome: Sample | Unable | undefined;
  let complaint = '';
  const end = (unable?: string): void => {
    if (unable !== undefined) outcome ??= { unable };
    if (child.pid !== undefined && child.exitCode === null) killGroup(child.pid);
  };
  const stop = (): void => end('stopped');
  signal.addEventListener('abort', stop);
  let timer = setTimeout(() => end(`did not start within ${START_SECONDS} s`), START_SECONDS * 1000);
  const watch = setInterval(() => {
    if ((peakMemory(child.pid ?? -1) ?? 0) > limits.memory) end(`more than ${gigabytes(limits.memory)}`);
  }, LOOK_EVERY_MS);

  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(-20_000);
  });
  child.on('message', (answer: Answer) => {
    if (answer.kind === 'done') outcome ??= answer.sample;
    else if (answer.kind === 'failed') outcome ??= { unable: firstLine(answer.reason) };
    else {
      clearTimeout(timer);
      timer = setTimeout(() => end(`more than ${limits.seconds} s`), limits.seconds * 1000);
    }
  });
  return new Promise((resolve) => {
    const done = (why: string): void => {
      clearTimeout(timer);
      clearInterval(watch);
      signal.removeEventListener('abort', stop);
      resolve(outcome ?? { unable: why });
    };
    child.once('error', (error) => done(firstLine(error.message)));
    child.once('close', (code, by) => done(whyEnded(complaint) ?? `ended with ${by ?? code}`));
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** V8 and the C++ library say it in their own words, and end the process. */
const whyEnded = (complaint: string): string | undefined =>
  /heap out of memory|bad_alloc|Array buffer allocation failed/.test(complaint) ? 'out of memory' : undefined;

const gigabytes = (bytes: number): string => `${Number((bytes / 1e9).toPrecision(2))} GB`;
const firstLine = (text: string): string => (text.split('\n')[0] ?? '').slice(0, 160);
