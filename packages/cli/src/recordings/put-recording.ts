import type {
  PutRecordingRequest,
  PutRecordingResponse,
  RecordingHeader,
  RecordingReceipt,
} from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { AppError } from '@sealtrack/errors/app-error';

/** The part of IngestService that is used here. */
export interface Ingest {
  putRecording(
    requests: AsyncIterable<PutRecordingRequest>,
    options: { readonly signal?: AbortSignal },
  ): Promise<PutRecordingResponse>;
}

/** Sends one media file over gRPC. When it resolves, the recording is durable, encrypted. Throws the service's error. */
export async function putRecording(
  ingest: Ingest,
  header: RecordingHeader,
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<RecordingReceipt> {
  const { receipt } = await ingest.putRecording(requests(header, content), { signal });
  if (receipt !== undefined) return receipt;
  throw new AppError('INTERNAL', 'The service answered without a receipt', {
    fix: `Send the recording again under the id ${header.recordingId}: it is stored once.`,
  });
}

async function* requests(
  header: RecordingHeader,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<PutRecordingRequest> {
  let size = 0n;
  yield { part: { $case: 'header', value: header } };
  for await (const chunk of content) {
    size += BigInt(chunk.byteLength);
    yield { part: { $case: 'chunk', value: Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) } };
  }
  yield { part: { $case: 'end', value: { size } } };
}
