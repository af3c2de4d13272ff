import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { AppError } from '@sealtrack/errors/app-error';
import { expect, onTestFinished, test } from 'vitest';
import { decryptKeyHere } from './decrypt-key.ts';
import { createKeyDecryptionPool, type KeyDecryptionPoolOptions } from './key-decryption-pool.ts';
import { encryptKey, type KeyTransport, OAEP_SHA256, PKCS1_V1_5 } from './key-transport.ts';
import { proveImplicitRejection } from './self-test.ts';
import { wellKnownKey } from './test-keys.ts';

const small = generateKeyPairSync('rsa', { modulusLength: 2048 });
const large = wellKnownKey();
const dek = randomBytes(32);
const labelled: KeyTransport = { name: 'RSAES-OAEP', hash: 'sha384', label: Buffer.from('label') };
const forSmall = encryptKey(OAEP_SHA256, small.publicKey, dek);
const forLarge = encryptKey(OAEP_SHA256, large.publicKey, dek);

/** A pool, and the threads that it has started so far. */
function poolOf(options: Partial<KeyDecryptionPoolOptions> = {}) {
  const workers: Worker[] = [];
  const onWorker = (worker: Worker) => workers.push(worker);
  process.on('worker', onWorker);
  const pool = createKeyDecryptionPool({ threads: 1, ...options });
  onTestFinished(async () => {
    await pool[Symbol.asyncDispose]();
    process.off('worker', onWorker);
  });
  const decryptSmall = (signal?: AbortSignal) =>
    pool.decryptKey(OAEP_SHA256, small.privateKey, forSmall, signal);
  const decryptLarge = (signal?: AbortSignal) =>
    pool.decryptKey(OAEP_SHA256, large.privateKey, forLarge, signal);
  return { pool, workers, decryptSmall, decryptLarge };
}

test.each([
  ['PKCS#1 v1.5', PKCS1_V1_5],
  ['OAEP', OAEP_SHA256],
  ['OAEP with another hash and a label', labelled],
])('%s comes out as it does on this thread, right or wrong', async (_, transport) => {
  const { pool } = poolOf({ threads: 2 });
  const right = encryptKey(transport, small.publicKey, dek);
  const inputs = [
    right,
    Buffer.alloc(256, 1),
    Buffer.alloc(256, 0xff),
    Buffer.alloc(255, 1),
    Buffer.alloc(0),
  ];
  const [first, ...others] = await Promise.all(
    inputs.map((input) => pool.decryptKey(transport, small.privateKey, input)),
  );
  expect(first).toEqual(dek);
  expect([first, ...others]).toEqual(
    await Promise.all(inputs.map((input) => decryptKeyHere(transport, small.privateKey, input))),
  );
});

test('what is wrong under OAEP is an empty Buffer; under PKCS#1 v1.5 the same bytes every time', async () => {
  const { pool } = poolOf();
  const wrong = Buffer.alloc(256, 1);
  expect(await pool.decryptKey(OAEP_SHA256, small.privateKey, wrong)).toEqual(Buffer.alloc(0));
  const twice = [1, 2].map(() => pool.decryptKey(PKCS1_V1_5, small.privateKey, wrong));
  const [first, second] = await Promise.all(twice);
  expect(first).toEqual(second);
});

test('this thread goes on while an operation is under way', async () => {
  const { decryptLarge } = poolOf();
  const wanted = 100;
  let turns = 0;
  // How many turns fit into one operation is up to the machine; that there are any is not.
  for (let operations = 0; turns < wanted && operations < 50; operations += 1) {
    let isUnderWay = true;
    const operation = decryptLarge().finally(() => {
      isUnderWay = false;
    });
    while (isUnderWay && turns < wanted) {
      await turn();
      await stat(import.meta.filename);
      if (isUnderWay) turns += 1;
    }
    expect(await operation).toEqual(dek);
  }
  expect(turns).toBe(wanted);
});

test('PKCS#1 v1.5 waits for the proof that it is safe here', async () => {
  const { pool } = poolOf();
  const order: string[] = [];
  const wrong = Buffer.alloc(256, 1);
  await Promise.all([
    proveImplicitRejection().then(() => order.push('proven')),
    pool.decryptKey(PKCS1_V1_5, small.privateKey, wrong).then(() => order.push('decrypted')),
  ]);
  expect(order).toEqual(['proven', 'decrypted']);
});

test('one more than may wait is refused, and the others are served in their order', async () => {
  const { decryptLarge, decryptSmall } = poolOf({ maxWaiting: 2 });
  const order: number[] = [];
  // The thread has the first two.
  const served = [decryptLarge(), decryptLarge(), decryptSmall(), decryptSmall()].map((each, i) =>
    each.then(() => order.push(i)),
  );
  await expect(decryptSmall()).rejects.toMatchObject({ code: 'TOO_MANY_DECRYPTIONS' });
  await Promise.all(served);
  expect(order).toEqual([0, 1, 2, 3]);
  expect(await decryptSmall()).toEqual(dek);
});

test('who gives up stops waiting at once, and makes room for another', async () => {
  const { decryptLarge, decryptSmall } = poolOf({ maxWaiting: 1 });
  const caller = new AbortController();
  const underWay = decryptLarge();
  const next = decryptLarge();
  const waiting = decryptSmall(caller.signal);
  caller.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  const another = decryptSmall();
  await expect(decryptSmall(caller.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await Promise.all([underWay, next, another])).toEqual([dek, dek, dek]);
});

test('who gives up what is under way is not kept, gets its own reason, and its thread lives on', async () => {
  const { decryptLarge, decryptSmall, workers } = poolOf();
  const caller = new AbortController();
  const underWay = decryptLarge(caller.signal);
  const next = decryptSmall(caller.signal);
  const reason = new AppError('DEADLINE_EXCEEDED', 'Too late', { fix: 'Allow more time.' });
  caller.abort(reason);
  await expect(underWay).rejects.toBe(reason);
  await expect(next).rejects.toBe(reason);
  expect(await decryptSmall()).toEqual(dek);
  expect(workers).toHaveLength(1);
});

test('a thread that dies rejects what it had and is replaced; what waits is served by the next', async () => {
  const { decryptLarge, decryptSmall, workers } = poolOf();
  expect(await decryptSmall()).toEqual(dek);
  const dead = workers[0]?.terminate();
  const [first, second, waiting] = await Promise.allSettled([decryptLarge(), decryptLarge(), decryptSmall()]);
  for (const lost of [first, second]) expect(lost).toMatchObject({ reason: { code: 'INTERNAL' } });
  expect(waiting).toMatchObject({ value: dek });
  await dead;
  expect(workers).toHaveLength(2);
});

test('a thread that dies with nothing to do is replaced as well', async () => {
  const { decryptSmall, workers } = poolOf();
  expect(await decryptSmall()).toEqual(dek);
  await workers[0]?.terminate();
  expect(await decryptSmall()).toEqual(dek);
});

test('a thread that cannot even start rejects what waited for it, and another is tried', async () => {
  const { decryptSmall, workers } = poolOf();
  expect(await decryptSmall()).toEqual(dek);
  const started = once(process, 'worker');
  await workers[0]?.terminate();
  await started;
  const lost = decryptSmall();
  await new Promise(process.nextTick);
  // What Node says of a thread for which there is no memory; it cannot be had in a test otherwise.
  workers[1]?.emit('error', new Error('Terminating worker due to reaching memory limit'));
  await expect(lost).rejects.toMatchObject({ code: 'INTERNAL' });
  expect(await decryptSmall()).toEqual(dek);
  expect(workers).toHaveLength(3);
});

test('a key that cannot be used is an error, and nothing is held up by it', async () => {
  const { pool, decryptSmall } = poolOf();
  await expect(pool.decryptKey(OAEP_SHA256, small.publicKey, forSmall)).rejects.toMatchObject({
    code: 'INTERNAL',
  });
  expect(await decryptSmall()).toEqual(dek);
});

test('what is asked for together comes to whom it belongs, and what fails fails for itself alone', async () => {
  const { pool } = poolOf();
  const deks = Array.from({ length: 20 }, () => randomBytes(32));
  const results = await Promise.allSettled(
    deks.map((each, i) => {
      const key = i % 7 === 3 ? small.publicKey : small.privateKey;
      return pool.decryptKey(OAEP_SHA256, key, encryptKey(OAEP_SHA256, small.publicKey, each));
    }),
  );
  expect(results).toMatchObject(
    deks.map((value, i) => (i % 7 === 3 ? { reason: { code: 'INTERNAL' } } : { value })),
  );
});

test('disposing waits for what is under way, refuses what waits and what comes, and ends the threads', async () => {
  const { pool, decryptLarge, decryptSmall, workers } = poolOf();
  const order: string[] = [];
  const underWay = decryptLarge().then((result) => {
    order.push('decrypted');
    return result;
  });
  const next = decryptLarge();
  const waiting = decryptSmall();
  const disposed = pool[Symbol.asyncDispose]().then(() => order.push('disposed'));
  await expect(waiting).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  await expect(decryptSmall()).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  expect(await Promise.all([underWay, next])).toEqual([dek, dek]);
  await disposed;
  expect(order).toEqual(['decrypted', 'disposed']);
  expect(workers.map(({ threadId }) => threadId)).toEqual([-1]);
});
