/** Recordings far larger than the memory that a service may use, with slow ends on both sides. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { decryptMedia } from '@sealtrack/cli/recordings/decrypt-media';
import { exportPkcs7 } from '@sealtrack/cli/recordings/export-pkcs7';
import { putCapture } from '@sealtrack/cli/recordings/put-capture';
import { putRecording } from '@sealtrack/cli/recordings/put-recording';
import type { RecordingHeader } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
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
const MAX_AHEAD = 16 * MIB;
const STALL_MS = 2_000;
/** A busy machine with a slow disk moves some 20 MB a second. */
const TIMEOUT_MS = 300_000;

const { system, doors } = await systemForThisFile();
await createTenant(doors);
const signal = new AbortController().signal;

/** Chunks that are all different, so that one lost, repeated or out of place changes the digest. */
function patterned(size: number, before: (at: number) => Promise<void> | undefined = () => undefined) {
  const hash = createHash('sha256');
  async function* content(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < size; at += CHUNK) {
      await before(at);
      const chunk = Buffer.alloc(CHUNK, (at / CHUNK) % 251);
      chunk.writeUInt32BE(at / CHUNK, 0);
      hash.update(chunk);
      yield chunk;
    }
  }
  return { content: content(), digest: () => hash.digest('hex') };
}

async function digestOf(
  { tenantId, recordingId }: RecordingHeader,
  after: (received: number) => Promise<void> | undefined = () => undefined,
): Promise<string> {
  const request = { tenantId, recordingId, mediaId: '', range: undefined, purpose: 'test' };
  const { content } = await decryptMedia(doors.decryption, request, signal);
  const hash = createHash('sha256');
  let received = 0;
  for await (const chunk of content) {
    hash.update(chunk);
    received += chunk.byteLength;
    await after(received);
  }
  return hash.digest('hex');
}

function expectSmallServices(): void {
  if (!KNOWS_PROCESSES) return;
  for (const [name, peak] of Object.entries(peakMemory(system)))
    expect(peak, `${name}, MB`).toBeLessThan(MAX_MEMORY_MB);
}

const recording = header({ contentType: 'video/mp4' });
let digest = '';

test(
  '2 GiB go in by gRPC, from a pipeline that pauses to an encryptor that stands still for a while',
  async () => {
    const encryptor = system.services['media-encryptor'];
    let sent = 0;
    let ahead = Number.NaN;
    const standStill = async () => {
      const before = sent;
      await encryptor.kill('SIGSTOP');
      await sleep(STALL_MS);
      ahead = sent - before;
      await encryptor.kill('SIGCONT');
    };
    const source = patterned(2 * GIB, (at) => {
      sent = at;
      if (at === GIB / 2) void standStill();
      return at === GIB ? sleep(STALL_MS) : undefined;
    });
    const receipt = await putRecording(doors.ingest, recording, source.content, signal);
    digest = source.digest();
    expect(receipt.plaintextSize).toBe(BigInt(2 * GIB));
    expect(ahead, 'bytes that the pipeline could send meanwhile').toBeLessThan(MAX_AHEAD);
    await stored(doors, recording);
    expectSmallServices();
  },
  TIMEOUT_MS,
);

test(
  'and come out the same, to a player that stops reading for a while',
  async () => {
    const { pid } = system.services['crypto-server'];
    let ahead = 0;
    const found = await digestOf(recording, async (received) => {
      if (received !== GIB || !KNOWS_PROCESSES) return;
      const before = bytesRead(pid);
      await sleep(STALL_MS);
      ahead = bytesRead(pid) - before;
    });
    expect(found).toBe(digest);
    expect(ahead, 'bytes that crypto-server read meanwhile').toBeLessThan(MAX_AHEAD);
    expectSmallServices();
  },
  TIMEOUT_MS,
);

test(
  'and as PKCS#7',
  async () => {
    const { header: head, content } = await exportPkcs7(doors.decryption, recording, signal);
    let received = 0;
    for await (const chunk of content) received += chunk.byteLength;
    expect(BigInt(received)).toBe(head.size);
    expect(received).toBeGreaterThan(2 * GIB);
    expectSmallServices();
  },
  TIMEOUT_MS,
);

test(
  '512 MiB go through the Object Store, and come out the same',
  async () => {
    const captured = header();
    const source = patterned(512 * MIB);
    await putCapture(doors.captures, captured, source.content, signal);
    await stored(doors, captured, TIMEOUT_MS);
    expect(await digestOf(captured)).toBe(source.digest());
    expectSmallServices();
  },
  TIMEOUT_MS,
);
