import { createReadStream } from 'node:fs';
import { totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { putCapture } from '@sealtrack/cli/recordings/put-capture';
import { putRecording } from '@sealtrack/cli/recordings/put-recording';
import type { RecordingHeader } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { hasCode } from '@sealtrack/errors/app-error';
import { generateCallWav } from '../generate-call.ts';
import { type Digest, digestOf } from './digest.ts';
import type { Doors } from './doors.ts';
import { PROFILE_ID } from './make-tenant.ts';

const CHUNK_BYTES = 256 * 1024;
/** The push of a profile takes milliseconds; this is for a machine that is very busy. */
const PUSH_WITHIN_MS = 10_000;

export interface Original extends Digest {
  readonly contentType: string;
  open(): AsyncIterable<Uint8Array>;
}

export interface Published {
  readonly recordingId: string;
  readonly original: Original;
  readonly seconds: number;
}

export const originalFile = (path: string, contentType: string, digest: Digest): Original => ({
  ...digest,
  contentType,
  open: () => createReadStream(path, { highWaterMark: CHUNK_BYTES }),
});

/** gRPC client streaming, as a media pipeline would do it. */
export async function publishByGrpc(
  { ingest }: Doors,
  tenantId: string,
  recordingId: string,
  original: Original,
  signal: AbortSignal,
): Promise<Published> {
  const header = headerOf(tenantId, recordingId, original);
  const started = performance.now();
  for (;;) {
    try {
      await putRecording(ingest, header, original.open(), signal);
      break;
    } catch (error) {
      const isOnItsWay = hasCode(error, 'PROFILE_NOT_FOUND') || hasCode(error, 'NO_USABLE_CERTIFICATE');
      if (!isOnItsWay || performance.now() - started > PUSH_WITHIN_MS) throw error;
      await sleep(20);
    }
  }
  return { recordingId, original, seconds: (performance.now() - started) / 1000 };
}

/** A claim check: the media into the Object Store, then an event that points to it. */
export async function publishByNats(
  { captures }: Doors,
  tenantId: string,
  recordingId: string,
  original: Original,
  signal: AbortSignal,
): Promise<Published> {
  const header = headerOf(tenantId, recordingId, original);
  const started = performance.now();
  await putCapture(captures, header, original.open(), signal);
  return { recordingId, original, seconds: (performance.now() - started) / 1000 };
}

/**
 * What is handed over on NATS: the same file, or, when it is too large for that, a generated call. The Object Store
 * keeps media in the memory of the NATS server, so that it is on no disk in clear.
 */
export async function originalForNats(original: Original): Promise<{ original: Original; isOther: boolean }> {
  // Zero when nothing constrains this process.
  const memory = Math.min(process.constrainedMemory() || totalmem(), totalmem());
  if (original.size <= memory / 4) return { original, isOther: false };
  const wav = generateCallWav(60);
  const open = async function* () {
    yield wav;
  };
  const digest = await digestOf(open());
  return { original: { ...digest, contentType: 'audio/wav', open }, isOther: true };
}

const headerOf = (tenantId: string, recordingId: string, original: Original): RecordingHeader => ({
  tenantId,
  profileId: PROFILE_ID,
  recordingId,
  mediaId: 'main',
  contentType: original.contentType,
  mediaType: '',
  startedAt: new Date(),
  attributes: { purpose: 'demo' },
});
