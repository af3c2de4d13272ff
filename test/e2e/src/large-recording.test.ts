/** Recordings far larger than the memory that a service may use, with slow ends on both sides. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { decryptMedia } from '@sealtrack/cli/recordings/decrypt-media';
import { exportPkcs7 } from '@sealtrack/cli/recordings/export-pkcs7';
import { putCapture } from '@sealtrack/cli/recordings/put-capture';
import { putRecording } from '@sealtrack/cli/recordings/put-recording';
import { expect, test } from 'vitest';
import { header, stored } from './testing/media.ts';
import { bytesRead, KNOWS_PROCESSES, peakMemory } from './testing/process-facts.ts';
import { createTenant } from './testing/tenant.ts';
import { systemForThisFile } from './testing/test-system.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const CHUNK = MIB / 4;
const MAX_MEMORY_MB = 200;
/** What may be under way between two ends: windows of HTTP/2, socket buffers, and a few messages in each process. */
const MAX_AHEAD = 32 * MIB;
const STALL_MS = 2_000;

const { system, doors } = await systemForThisFile();
await createTenant(doors);
const signal = new AbortController().signal;

/** Chunks that are all different, so that one lost, repeated or out of place changes the digest. */
function patterned(size: number, onChunk: (sent: number) => Promise<void> | undefined = () => undefined) {
  const hash = createHash('sha256');
  async function* content(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < size; at += CHUNK) {
      const chunk = Buffer.alloc(Math.min(CHUNK, size - at), (at / CHUNK) % 251);
      chunk.writeUInt32BE(at / CHUNK, 0);
      hash.update(chunk);
      await onChunk(at);
      yield chunk;
    }
  }
  return { content: content(), digest: () => hash.digest('hex') };
}

const expectSmall = () => {
  if (!KNOWS_PROCESSES) return;
  const peaks = peakMemory(system);
  console.log('peak MB', peaks);
  for (const [name, peak] of Object.entries(peaks)) expect(peak, name).toBeLessThan(MAX_MEMORY_MB);
};

const recording = header({ contentType: 'video/mp4' });
let digest = '';

test('2 GiB in by gRPC, from a slow writer to a slow reader', async () => {
  const encryptor = system.services['media-encryptor'];
  const t0 = performance.now();
  let sent = 0;
  let ahead = 0;
  const { content, digest: sha } = patterned(2 * GIB, (at) => {
    sent = at;
    if (at === GIB) return sleep(STALL_MS);
    if (at === GIB / 2) {
      void encryptor.kill('SIGSTOP');
      void sleep(STALL_MS).then(() => {
        ahead = sent - GIB / 2;
        return encryptor.kill('SIGCONT');
      });
    }
    return undefined;
  });
  const receipt = await putRecording(doors.ingest, recording, content, signal);
  digest = sha();
  console.log('in', performance.now() - t0, ahead / MIB);
  expect(receipt.plaintextSize).toBe(BigInt(2 * GIB));
  expect(ahead).toBeLessThan(MAX_AHEAD);
  await stored(doors, recording);
  expectSmall();
}, 120_000);

test('and out again, to a reader that pauses', async () => {
  const t0 = performance.now();
  const request = { ...recording, range: undefined, purpose: 'test' };
  const { content } = await decryptMedia(doors.decryption, request, signal);
  const hash = createHash('sha256');
  let received = 0;
  let ahead = 0;
  for await (const chunk of content) {
    hash.update(chunk);
    received += chunk.byteLength;
    if (received === GIB && KNOWS_PROCESSES) {
      const { pid } = system.services['crypto-server'];
      const before = bytesRead(pid);
      await sleep(STALL_MS);
      ahead = bytesRead(pid) - before;
    }
  }
  console.log('out', performance.now() - t0, ahead / MIB);
  expect(hash.digest('hex')).toBe(digest);
  expect(ahead).toBeLessThan(MAX_AHEAD);
  expectSmall();
}, 120_000);

test('and as PKCS#7', async () => {
  const t0 = performance.now();
  const { header: head, content } = await exportPkcs7(doors.decryption, recording, signal);
  let received = 0;
  for await (const chunk of content) received += chunk.byteLength;
  console.log('export', performance.now() - t0);
  expect(BigInt(received)).toBe(head.size);
  expectSmall();
}, 120_000);

test('512 MiB through the Object Store', async () => {
  const t0 = performance.now();
  const captured = header();
  const { content } = patterned(512 * MIB);
  await putCapture(doors.bus, captured, content, signal);
  console.log('put', performance.now() - t0);
  const found = await stored(doors, captured, 60_000);
  console.log('stored', performance.now() - t0);
  expect(found.media[0]?.plaintextSize).toBe(BigInt(512 * MIB));
  expectSmall();
}, 120_000);
