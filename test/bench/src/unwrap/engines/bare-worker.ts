import { privateDecrypt, type RsaPrivateKey } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';

const { options, encrypted } = workerData as { options: RsaPrivateKey; encrypted: Uint8Array[] };

function rate(milliseconds: number): number {
  const start = performance.now();
  let done = 0;
  while (performance.now() - start < milliseconds) {
    privateDecrypt(options, encrypted[done % encrypted.length] ?? new Uint8Array());
    done++;
  }
  return done / ((performance.now() - start) / 1000);
}

rate(50);
parentPort?.on('message', (milliseconds: number) => parentPort?.postMessage(rate(milliseconds)));
parentPort?.postMessage('ready');
