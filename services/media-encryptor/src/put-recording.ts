import type {
  PutRecordingRequest,
  PutRecordingResponse,
} from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { AppError } from '@sealtrack/errors/app-error';
import { parseCaptureHeader } from './domain/capture-header.ts';
import type { CaptureContext, Encrypted, EncryptRecording } from './encrypt-recording.ts';

/** IngestService.PutRecording: a header, then the media's bytes, then a durable receipt. */
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

async function* chunksOf(parts: AsyncIterator<PutRecordingRequest>): AsyncGenerator<Uint8Array> {
  for (let next = await parts.next(); !next.done; next = await parts.next()) {
    if (next.value.part?.$case !== 'chunk')
      throw outOfOrder('The stream has something else where a chunk belongs');
    yield next.value.part.value;
  }
}

const outOfOrder = (message: string) =>
  new AppError('INVALID_ARGUMENT', message, { fix: 'Send one header first, and chunks only after it.' });

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
