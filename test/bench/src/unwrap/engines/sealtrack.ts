import { generateKeyPairSync } from 'node:crypto';
import type { UnwrapKeysResponse } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import type { Doors } from '@sealtrack/launcher/demo/doors';
import { compactDecrypt } from 'jose';
import { TENANT, type WrappedKeys } from '../wrapped-keys.ts';

const NOTHING = { recordingId: '', mediaId: '', envelope: Buffer.alloc(0), certificateIds: [] };
const reader = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicKey = reader.publicKey.export({ type: 'spki', format: 'der' });

/** Session keys a second through UnwrapKeys, `batch` a call and `inFlight` calls at a time. */
export async function sealtrackRate(
  { decryption }: Doors,
  { wrapped }: WrappedKeys,
  { batch, inFlight }: { readonly batch: number; readonly inFlight: number },
  milliseconds: number,
): Promise<number> {
  const start = performance.now();
  const isTimeUp = () => performance.now() - start >= milliseconds;
  let done = 0;
  let next = 0;
  const caller = async () => {
    while (!isTimeUp()) {
      const keys = Array.from({ length: batch }, (_, i) => wrapped[(next + i) % wrapped.length] ?? NOTHING);
      next += batch;
      const answer = await decryption.unwrapKeys({ tenantId: TENANT, keys, publicKey, purpose: 'bench' });
      // What comes after the time counts with the time that it took.
      done += unwrappedIn(answer);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return done / ((performance.now() - start) / 1000);
}

function unwrappedIn({ keys }: UnwrapKeysResponse): number {
  const failed = keys.find(({ error }) => error !== '');
  if (failed !== undefined) throw new Error(`A key did not open: ${failed.error} ${failed.message}`);
  return keys.length;
}

/** Throws unless the session keys that come are the right ones. */
export async function checkAnswer({ decryption }: Doors, { wrapped, deks }: WrappedKeys): Promise<void> {
  const asked = { tenantId: TENANT, keys: [...wrapped], publicKey, purpose: 'bench' };
  const { jwe } = await decryption.unwrapKeys(asked);
  const { plaintext } = await compactDecrypt(jwe, reader.privateKey);
  if (!Buffer.concat(deks).equals(plaintext)) throw new Error('Other session keys came than were asked for');
}
