import { generateKeyPairSync } from 'node:crypto';
import { Piscina } from 'piscina';
import { expect, test, vi } from 'vitest';
import { createKeyDecryptionPool } from './key-decryption-pool.ts';
import { encryptKey, OAEP_SHA256 } from './key-transport.ts';

test('a session key that comes after its caller has gone is wiped', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const controller = new AbortController();
  const original = Piscina.prototype.run;
  const run = vi.spyOn(Piscina.prototype, 'run').mockImplementation(function (this: Piscina, ...task) {
    const running = original.apply(this, task);
    // The thread has it by now, and cannot have answered yet.
    controller.abort();
    return running;
  });
  const pool = createKeyDecryptionPool({ threads: 1 });
  const encrypted = encryptKey(OAEP_SHA256, publicKey, Buffer.alloc(32, 1));
  const decrypting = pool.decryptKey(OAEP_SHA256, privateKey, encrypted, controller.signal);
  await expect(decrypting).rejects.toMatchObject({ code: 'CANCELLED' });
  await pool[Symbol.asyncDispose]();
  const late: Uint8Array[] = await run.mock.results[0]?.value;
  expect(late.map((each) => [...each])).toEqual([Array(32).fill(0)]);
});
