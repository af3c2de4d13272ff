import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { WrappedKeys } from '../wrapped-keys.ts';

const THREADS = 2;

export interface Bare extends AsyncDisposable {
  /** Operations a second. */
  rate(milliseconds: number): Promise<number>;
}

/** privateDecrypt over and over with one KeyObject, in as many threads as the server has for it: the limit. */
export async function startBare({ privateKey, padding, encrypted }: WrappedKeys): Promise<Bare> {
  const workerData = { options: { key: privateKey, ...padding }, encrypted };
  const workers = Array.from(
    { length: THREADS },
    () => new Worker(new URL('./bare-worker.ts', import.meta.url), { workerData }),
  );
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  return {
    async rate(milliseconds) {
      const rates = workers.map(async (worker) => {
        worker.postMessage(milliseconds);
        return Number((await once(worker, 'message'))[0]);
      });
      return (await Promise.all(rates)).reduce((sum, rate) => sum + rate);
    },
    [Symbol.asyncDispose]: async () => void (await Promise.all(workers.map((worker) => worker.terminate()))),
  };
}
