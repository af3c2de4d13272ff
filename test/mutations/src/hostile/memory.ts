import { readFileSync, writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

/** How many bytes more than before a run took at its height. */
export async function peakOf(run: () => unknown): Promise<number> {
  await collect();
  forgetPeak();
  const before = peak();
  await run();
  return peak() - before;
}

/** Bytes that are still held after a run, on the heap and in buffers. */
export async function keptBy(run: () => unknown): Promise<number> {
  await collect();
  const before = held();
  await run();
  await collect();
  return held() - before;
}

/** Buffers are freed a little later than the objects that were their only owners. */
async function collect(): Promise<void> {
  if (globalThis.gc === undefined) throw new Error('Run it with --expose-gc');
  for (let i = 0; i < 3; i += 1) {
    globalThis.gc();
    await setImmediate();
  }
}

const held = (): number => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

/** Where the system cannot forget it, only what goes beyond it shows. */
function forgetPeak(): void {
  if (process.platform === 'linux') writeFileSync('/proc/self/clear_refs', '5');
}

function peak(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
