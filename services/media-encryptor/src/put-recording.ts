import type {
  PutRecordingRequest,
  PutRecordingResponse,
} from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { AppError } from '@sealtrack/errors/app-error';
import { parseCaptureHeader } from './domain/capture-header.ts';
import type { CaptureContext, Encrypted, EncryptRecording } from './encrypt-recording.ts';
import type { Clock } from './ports.ts';

/** What a pipeline that does not come to its end, or too many at once, may cost. */
export interface UploadLimits {
  /** At a time; one more is refused. */
  readonly maxUploads: number;
  /** Without a message for so long, an upload is given up. */
  readonly idleMs: number;
}

/** IngestService.PutRecording: a header, the media's bytes and their end in, a durable receipt out. */
export function createPutRecording(
  encrypt: EncryptRecording,
  { maxUploads, idleMs }: UploadLimits,
  clock: Clock,
) {
  let uploads = 0;
  return async (
    requests: AsyncIterable<PutRecordingRequest>,
    call: Omit<CaptureContext, 'capturedAt'>,
  ): Promise<PutRecordingResponse> => {
    if (uploads >= maxUploads) throw tooMany(maxUploads);
    uploads++;
    const context = { ...call, capturedAt: clock() };
    try {
      const parts = unlessIdle(requests, idleMs);
      const first = await parts.next();
      if (first.done || first.value.part?.$case !== 'header')
        throw outOfOrder('The stream does not begin with a header');
      const header = parseCaptureHeader(first.value.part.value);
      const encrypted = await encrypt(header, () => Promise.resolve({ content: chunksOf(parts) }), context);
      return { receipt: receiptOf(encrypted) };
    } finally {
      uploads--;
    }
  };
}

/** @throws AppError DEADLINE_EXCEEDED when the next message takes too long. */
async function* unlessIdle<T>(messages: AsyncIterable<T>, idleMs: number): AsyncGenerator<T> {
  const source = messages[Symbol.asyncIterator]();
  for (;;) {
    const { promise: idle, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(stalled(idleMs)), idleMs);
    try {
      const next = await Promise.race([source.next(), idle]);
      if (next.done) return;
      yield next.value;
    } finally {
      clearTimeout(timer);
    }
  }
}

const tooMany = (maxUploads: number) =>
  new AppError('TOO_MANY_UPLOADS', `This encryptor takes ${maxUploads} uploads at a time, and has them`, {
    fix: 'Send the recording again in a moment, to this encryptor or to another; start more of them if it lasts.',
  });

const stalled = (idleMs: number) =>
  new AppError('DEADLINE_EXCEEDED', `Nothing of the recording arrived for ${idleMs / 1000} seconds`, {
    fix: 'Send the recording again under the same recording_id. Nothing of it was kept.',
  });

/** The media's bytes. It ends without an error only when the pipeline said that it is complete. */
async function* chunksOf(parts: AsyncIterator<PutRecordingRequest>): AsyncGenerator<Uint8Array> {
  let bytes = 0n;
  for (let next = await parts.next(); !next.done; next = await parts.next()) {
    const { part } = next.value;
    if (part?.$case === 'chunk') {
      bytes += BigInt(part.value.length);
      yield part.value;
    } else if (part?.$case === 'end') {
      if (part.value.size !== bytes) throw incomplete(`${bytes} of ${part.value.size} bytes arrived`);
      if ((await parts.next()).done) return;
      throw outOfOrder('The stream goes on after its end');
    } else throw outOfOrder('The stream has something else where a chunk belongs');
  }
  throw incomplete('the stream stopped before its end was said');
}

const outOfOrder = (message: string) =>
  new AppError('INVALID_ARGUMENT', message, { fix: 'Send one header, then the chunks, then one end.' });

const incomplete = (why: string) =>
  new AppError('MEDIA_INCOMPLETE', `The recording is not complete: ${why}`, {
    fix: 'Send the recording again under the same recording_id, and end it with its size. Nothing of it was kept.',
  });

function receiptOf({ manifest, duplicate }: Encrypted): PutRecordingResponse['receipt'] {
  const [media] = manifest.media;
  return {
    tenantId: manifest.tenantId,
    recordingId: manifest.recordingId,
    mediaId: media?.mediaId ?? '',
    suite: media?.suite ?? '',
    plaintextSize: BigInt(media?.plaintextSize ?? 0),
    ciphertextSize: BigInt(media?.ciphertextSize ?? 0),
    certificateIds: media?.certificateIds ?? [],
    storedAt: new Date(manifest.encryptedAt),
    duplicate,
    quarantineReason: manifest.quarantine?.reason ?? '',
    clearPolicy: manifest.inClear?.policy ?? '',
  };
}
