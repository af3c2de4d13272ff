import type { KeyObject } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { AppError } from '@sealtrack/errors/app-error';
import { Piscina } from 'piscina';
import { type KeyTransport, paddingOf } from './key-transport.ts';
import { proveImplicitRejection } from './self-test.ts';
import { abortedBy, createTurns } from './turns.ts';

export interface KeyDecryptionPoolOptions {
  /** Operations at a time. The first thread takes about 16 MB of memory, each more 11. */
  readonly threads: number;
  /** Operations that may wait, beside the two that each thread has; 256 unless told: some 0.2 s at 2048 bits, 15 s at 8192. */
  readonly maxWaiting?: number;
}

/** RSA private operations on other threads, so that none holds up what else this process does. */
export interface KeyDecryptionPool extends AsyncDisposable {
  /**
   * A DecryptKey (unwrap.ts) that can be given up: what still waits is dropped then, and what a thread has runs to its end
   * and is wiped. Throws TOO_MANY_DECRYPTIONS, SHUTTING_DOWN, CANCELLED or the signal's own AppError, CONFIG_INVALID on an
   * unsafe runtime, and INTERNAL when the thread died, which is replaced.
   */
  decryptKey(
    keyTransport: KeyTransport,
    privateKey: KeyObject,
    encryptedKey: Buffer,
    signal?: AbortSignal,
  ): Promise<Buffer>;
  /** Waits for what is under way; what waits is refused. */
  [Symbol.asyncDispose](): Promise<void>;
}

const MAX_WAITING = 256;
/**
 * Operations that a thread is given at a time: with one alone it would do nothing from when that is done until this thread
 * has found the time to post another, which is a tenth of a thread's time at 2048 bits.
 */
const AHEAD = 2;
/** MB. A thread uses 8, and collects its garbage early with a small young generation. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 32 };

/** Its threads start at once, and let the process end when nothing is under way. */
export function createKeyDecryptionPool(options: KeyDecryptionPoolOptions): KeyDecryptionPool {
  const { threads, maxWaiting = MAX_WAITING } = options;
  // Piscina's own queue has no bound for tasks that can be aborted, so it gets no more than its threads take.
  const turns = createTurns(AHEAD * threads, maxWaiting);
  const pool = new Piscina({
    filename: fileURLToPath(new URL('key-decryption-worker.mjs', import.meta.url)),
    name: 'decryptKey',
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: AHEAD,
    idleTimeout: Number.POSITIVE_INFINITY,
    atomics: 'disabled',
    resourceLimits: RESOURCE_LIMITS,
    // Secrets that this process was started with are not for it.
    env: {},
  });
  // A thread that cannot even start leaves its tasks in the queue, and they would hang there.
  let fault = new AbortController();
  pool.on('error', (error) => {
    fault.abort(error);
    fault = new AbortController();
  });

  async function run(keyTransport: KeyTransport, privateKey: KeyObject, encryptedKey: Buffer) {
    try {
      const task = {
        options: { ...cloneable(paddingOf(keyTransport)), key: privateKey },
        encryptedKey: new Uint8Array(encryptedKey),
      };
      // Piscina gives a thread that has a task with a signal no other, so the signal is looked after here.
      return await unlessAborted(pool.run(task).then(asBuffer), fault.signal);
    } catch (cause) {
      throw new AppError('INTERNAL', 'A thread that decrypts session keys failed', {
        fix: 'Ask again: it is replaced. If it lasts, the cause is in the log of the service.',
        cause,
      });
    } finally {
      turns.leave();
    }
  }

  return {
    async decryptKey(keyTransport, privateKey, encryptedKey, signal) {
      if (keyTransport.name === 'RSAES-PKCS1-v1_5') await proveImplicitRejection();
      await turns.take(signal);
      return unlessAborted(run(keyTransport, privateKey, encryptedKey), signal);
    },
    async [Symbol.asyncDispose]() {
      await turns.close();
      await pool.destroy();
    },
  };
}

const asBuffer = ({ buffer, byteOffset, length }: Uint8Array<ArrayBuffer>): Buffer =>
  Buffer.from(buffer, byteOffset, length);

/** A small Buffer lies in a pool with others, and a clone of it would take the whole of that along. */
const cloneable = (padding: ReturnType<typeof paddingOf>) =>
  'oaepLabel' in padding ? { ...padding, oaepLabel: new Uint8Array(padding.oaepLabel) } : padding;

/** What comes too late is wiped. */
function unlessAborted(operation: Promise<Buffer>, signal: AbortSignal | undefined): Promise<Buffer> {
  if (signal === undefined) return operation;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(abortedBy(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
    operation
      .then((result) => {
        if (signal.aborted) result.fill(0);
        else resolve(result);
      }, reject)
      .finally(() => signal.removeEventListener('abort', onAbort));
  });
}
