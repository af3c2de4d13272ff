/**
 * Loaded into a service that is measured (`node --import`). At SIGUSR2 it writes, and forgets, the longest that its event
 * loop was held up: `busy`, milliseconds of this thread's own work, and `delay`, which also counts waiting for a core.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const EVERY_MS = 1;
const file = process.env.BENCH_LOOP_FILE;

const cpuMs = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

if (isMainThread && file !== undefined) {
  let longest = { busy: 0, delay: 0 };
  let then = performance.now();
  let cpuThen = cpuMs();
  setInterval(() => {
    const [now, cpu] = [performance.now(), cpuMs()];
    longest = {
      busy: Math.max(longest.busy, cpu - cpuThen),
      delay: Math.max(longest.delay, now - then - EVERY_MS),
    };
    [then, cpuThen] = [now, cpu];
  }, EVERY_MS).unref();
  process.on('SIGUSR2', () => {
    writeFileSync(`${file}.new`, JSON.stringify(longest));
    renameSync(`${file}.new`, file);
    longest = { busy: 0, delay: 0 };
  });
}
