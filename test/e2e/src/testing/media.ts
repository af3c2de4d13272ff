import { createHash, randomBytes } from 'node:crypto';
import { decryptMedia } from '@sealtrack/cli/recordings/decrypt-media';
import { exportPkcs7 } from '@sealtrack/cli/recordings/export-pkcs7';
import { putCapture } from '@sealtrack/cli/recordings/put-capture';
import { putRecording } from '@sealtrack/cli/recordings/put-recording';
import type { RecordingHeader } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { hasCode } from '@sealtrack/errors/app-error';
import type { Doors } from '@sealtrack/launcher/demo/doors';
import { until } from './until.ts';

export const SEGMENT = 262_144;
const CHUNK = 65_536;
const signal = new AbortController().signal;

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** In pieces that are aligned to nothing of the format's. */
export async function* inChunks(bytes: Uint8Array, size = CHUNK - 7): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A header with every field that must be there; an id of its own unless told. */
export const header = (over: Partial<RecordingHeader> = {}): RecordingHeader => ({
  tenantId: 'demo',
  profileId: '101',
  recordingId: `rec-${randomBytes(6).toString('hex')}`,
  mediaId: '',
  contentType: 'audio/wav',
  mediaType: '',
  startedAt: new Date('2026-01-31T08:15:30.000Z'),
  attributes: { agent: '7' },
  ...over,
});

export const put = (doors: Doors, head: RecordingHeader, media: Uint8Array) =>
  putRecording(doors.ingest, head, inChunks(media), signal);

export const capture = (doors: Doors, head: RecordingHeader, media: Uint8Array) =>
  putCapture(doors.captures, head, inChunks(media), signal);

interface Range {
  readonly offset: number;
  /** To the end when 0. */
  readonly length: number;
}

export async function get(
  doors: Doors,
  { tenantId, recordingId, mediaId }: Pick<RecordingHeader, 'tenantId' | 'recordingId' | 'mediaId'>,
  range?: Range,
) {
  const bytes = range && { offset: BigInt(range.offset), length: BigInt(range.length) };
  const request = { tenantId, recordingId, mediaId, range: bytes, purpose: 'test' };
  const { header: head, content } = await decryptMedia(doors.decryption, request, signal);
  return { head, bytes: Buffer.concat(await Array.fromAsync(content)) };
}

export async function splice(
  doors: Doors,
  { tenantId, recordingId, mediaId }: Pick<RecordingHeader, 'tenantId' | 'recordingId' | 'mediaId'>,
) {
  const request = { tenantId, recordingId, mediaId };
  const { header: head, content } = await exportPkcs7(doors.decryption, request, signal);
  return { manifest: head.manifest, pkcs7: Buffer.concat(await Array.fromAsync(content)) };
}

/** What the index says of a recording, as soon as it is there. */
export const stored = (doors: Doors, { tenantId, recordingId }: RecordingHeader, withinMs?: number) =>
  until(
    `${recordingId} is in the index`,
    async () => {
      try {
        return (await doors.recordings.getRecording({ tenantId, recordingId })).recording;
      } catch (error) {
        if (hasCode(error, 'RECORDING_NOT_FOUND')) return undefined;
        throw error;
      }
    },
    withinMs,
  );

/** An upload that goes on until it is told to end. */
export function slowUpload({ ingest }: Doors) {
  const begun = Promise.withResolvers<void>();
  const rest = Promise.withResolvers<void>();
  const head = header();
  // More than a client takes ahead of the connection, so that the service has begun.
  const media = randomBytes(48 * 1024 * 1024);
  async function* content() {
    yield* inChunks(media.subarray(0, media.length - 1_000_000));
    begun.resolve();
    await rest.promise;
    yield* inChunks(media.subarray(media.length - 1_000_000));
  }
  const receipt = putRecording(ingest, head, content(), signal);
  receipt.catch(() => {});
  return { head, media, receipt, begun: begun.promise, goOn: rest.resolve };
}
