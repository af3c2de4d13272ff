import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { Job, Run } from '../engine.ts';

/** Engines that behave in ways that the real ones only do at large sizes. The setting says in which. */
const RUNS: Readonly<Record<string, (job: Job) => Run>> = {
  refuses: () => async () => {
    throw new Error('The message is too long\nand more that nobody wants to know');
  },
  hangs: () => () => new Promise((resolve) => setTimeout(resolve, 2 ** 30)),
  'blocks the thread': () => async () => {
    for (;;);
  },
  'hangs in a process of its own':
    ({ input }) =>
    async () => {
      const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
      writeFileSync(input, String(child.pid));
      await new Promise(() => {});
    },
  'takes all memory': () => async () => {
    const taken: Buffer[] = [];
    for (;;) {
      taken.push(Buffer.alloc(10_000_000, 1));
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
  'fills the heap': () => async () => {
    const kept: string[] = [];
    for (;;) kept.push(`${kept.length}`.padEnd(1000).split('').join(' '));
  },
  dies: () => async () => process.kill(process.pid, 'SIGTERM') && (await new Promise(() => {})),
  works: () => async (output) => output.write(Buffer.from('done')),
};

export async function prepare(job: Job): Promise<Run> {
  const run = RUNS[job.setting];
  if (run === undefined) throw new Error('There is no such engine');
  return run(job);
}
