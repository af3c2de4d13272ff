import type {
  PutRecordingRequest,
  PutRecordingResponse,
} from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { AppError } from '@sealtrack/errors/app-error';
import { parseCaptureHeader } from './domain/capture-header.ts';
import type { CaptureContext, Encrypted, EncryptRecording } from './encrypt-recording.ts';

/** IngestService.PutRecording: a header, the media's bytes and their end in, a durable receipt out. */
export function createPutRecording(encrypt: EncryptRecording) {
  return async (
    requests: AsyncIterable<PutRecordingRequest>,
    context: CaptureContext,
  ): Promise<PutRecordingResponse> => {
    const parts = requests[Symbol.asyncIterator]();
    const first = await parts.next();
    if (first.done || first.value.part?.$case !== 'header')
      throw outOfOrder('The stream does not begin with a header');
    const header = parseCaptureHeader(first.value.part.value);
    const encrypted = await encrypt(header, () => Promise.resolve({ content: chunksOf(parts) }), context);
    return { receipt: receiptOf(encrypted) };
  };
}

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
  };
}
