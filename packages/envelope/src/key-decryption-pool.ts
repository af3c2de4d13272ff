import type { KeyObject, RsaPrivateKey } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { AppError } from '@sealtrack/errors/app-error';
import { Piscina } from 'piscina';
import { type KeyTransport, paddingOf } from './key-transport.ts';
import { proveImplicitRejection } from './self-test.ts';
import { abortedBy, createTurns } from './turns.ts';

export interface KeyDecryptionPoolOptions {
  /** Operations at a time. The first thread takes about 16 MB of memory, each more 11. */
  readonly threads: number;
  /** Operations that may wait, beside the two groups that each thread has; 256 unless told: some 0.2 s at 2048 bits, 15 s at 8192. */
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
 * Operations are posted to a thread in groups of so many bits of modulus, four of 2048 or one of 8192, because a message and
 * its answer cost about a tenth of an operation at 2048 bits. Each thread has a second group to go on with, so that it does not
 * wait until this thread has found the time to post another.
 */
const GROUP_BITS = 8192;
const GROUPS_AHEAD = 2;
/** MB. A thread uses 8, and collects its garbage early with a small young generation. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 32 };

/** Its threads start at once, and let the process end when nothing is under way. */
export function createKeyDecryptionPool(options: KeyDecryptionPoolOptions): KeyDecryptionPool {
  const { threads, maxWaiting = MAX_WAITING } = options;
  // Piscina's own queue has no bound for tasks that can be aborted, so it gets no more than its threads take.
  const turns = createTurns(GROUPS_AHEAD * threads * GROUP_BITS, maxWaiting);
  const pool = new Piscina({
    filename: fileURLToPath(new URL('key-decryption-worker.mjs', import.meta.url)),
    name: 'decryptKeys',
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: GROUPS_AHEAD,
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

  /** Those whose turn it is, until the next tick. */
  let ready: Operation[] = [];
  let posted = 0;

  function postReady(): void {
    const operations = ready;
    ready = [];
    // As long as threads have nothing to do, rather one operation for each than all of them for one.
    const idle = Math.max(1, threads - posted);
    for (const group of groupsOf(operations, Math.ceil(operations.length / idle))) void post(group);
  }

  async function post(group: readonly Operation[]): Promise<void> {
    posted += 1;
    try {
      const tasks = group.map(({ options, encryptedKey }) => ({ options, encryptedKey }));
      // Piscina gives a thread that has a task with a signal no other, so the signal is looked after here.
      const results = await unlessAborted<Result[]>(pool.run(tasks), fault.signal, wipeAll);
      for (const [i, { resolve, reject }] of group.entries()) {
        const result = results[i];
        if (result instanceof Uint8Array)
          resolve(Buffer.from(result.buffer, result.byteOffset, result.length));
        else reject(failed(result));
      }
    } catch (cause) {
      for (const { reject } of group) reject(failed(cause));
    } finally {
      posted -= 1;
      for (const { bits } of group) turns.leave(bits);
    }
  }

  const run = (operation: Omit<Operation, 'resolve' | 'reject'>): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      if (ready.push({ ...operation, resolve, reject }) === 1) process.nextTick(postReady);
    });

  return {
    async decryptKey(keyTransport, privateKey, encryptedKey, signal) {
      if (keyTransport.name === 'RSAES-PKCS1-v1_5') await proveImplicitRejection();
      const bits = privateKey.asymmetricKeyDetails?.modulusLength ?? GROUP_BITS;
      await turns.take(bits, signal);
      const options = { ...cloneable(paddingOf(keyTransport)), key: privateKey };
      const operation = run({ options, encryptedKey: new Uint8Array(encryptedKey), bits });
      return unlessAborted(operation, signal, (late) => late.fill(0));
    },
    async [Symbol.asyncDispose]() {
      await turns.close();
      await pool.destroy();
    },
  };
}

interface Operation {
  readonly options: RsaPrivateKey;
  readonly encryptedKey: Uint8Array;
  readonly bits: number;
  readonly resolve: (result: Buffer) => void;
  readonly reject: (error: AppError) => void;
}

type Result = Uint8Array<ArrayBuffer> | Error;

/** In order, each of at most `most` and of GROUP_BITS, or of one. */
function groupsOf(operations: readonly Operation[], most: number): Operation[][] {
  const groups: Operation[][] = [];
  let bits = 0;
  for (const operation of operations) {
    const last = groups.at(-1);
    bits += operation.bits;
    if (last !== undefined && last.length < most && bits <= GROUP_BITS) last.push(operation);
    else {
      groups.push([operation]);
      bits = operation.bits;
    }
  }
  return groups;
}

function wipeAll(late: readonly Result[]): void {
  for (const each of late) if (each instanceof Uint8Array) each.fill(0);
}

const failed = (cause: unknown): AppError =>
  new AppError('INTERNAL', 'A thread that decrypts session keys failed', {
    fix: 'Ask again: it is replaced. If it lasts, the cause is in the log of the service.',
    cause,
  });

/** A small Buffer lies in a pool with others, and a clone of it would take the whole of that along. */
const cloneable = (padding: ReturnType<typeof paddingOf>) =>
  'oaepLabel' in padding ? { ...padding, oaepLabel: new Uint8Array(padding.oaepLabel) } : padding;

function unlessAborted<T>(
  operation: Promise<T>,
  signal: AbortSignal | undefined,
  wipe: (late: T) => void,
): Promise<T> {
  if (signal === undefined) return operation;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(abortedBy(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
    operation
      .then((result) => {
        if (signal.aborted) wipe(result);
        else resolve(result);
      }, reject)
      .finally(() => signal.removeEventListener('abort', onAbort));
  });
}
