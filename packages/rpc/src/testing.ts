import {
  DecryptionServiceDefinition,
  type DecryptMediaRequest,
  type DecryptMediaResponse,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import {
  IngestServiceDefinition,
  type PutRecordingRequest,
  type PutRecordingResponse,
} from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import {
  type GetRecordingRequest,
  type GetRecordingResponse,
  RecordingServiceDefinition,
} from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { CallContext } from 'nice-grpc-common';
import type { RpcLog } from './log.ts';
import type { RpcContext } from './serve.ts';
import { implement, type RpcService } from './server.ts';

export interface LogLine {
  readonly level: keyof RpcLog;
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

export function collectingLog(): RpcLog & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: keyof RpcLog) => (fields: object, message: string) => {
    lines.push({ level, message, fields: { ...fields } });
  };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

type Context = CallContext & RpcContext;

/** The ingest service (client streaming) with a handler of the test's own. */
export const ingest = (
  put: (request: AsyncIterable<PutRecordingRequest>, context: Context) => Promise<number>,
): RpcService =>
  implement(IngestServiceDefinition, {
    putRecording: async (request, context): Promise<Partial<PutRecordingResponse>> => ({
      receipt: { ...EMPTY_RECEIPT, plaintextSize: BigInt(await put(request, context)) },
    }),
  });

const EMPTY_RECEIPT = {
  tenantId: '',
  recordingId: '',
  mediaId: '',
  suite: '',
  plaintextSize: 0n,
  ciphertextSize: 0n,
  certificateIds: [],
  storedAt: undefined,
  duplicate: false,
  quarantineReason: '',
  clearPolicy: '',
};

/** The decryption service (server streaming) with a handler of the test's own. */
export const decryption = (
  decrypt: (request: DecryptMediaRequest, context: Context) => AsyncGenerator<DecryptMediaResponse, void>,
): RpcService =>
  implement(DecryptionServiceDefinition, {
    decryptMedia: decrypt,
    exportPkcs7: async function* () {},
    unwrapKeys: async () => ({}),
    unwrapKey: async () => ({}),
    getWaveform: async () => ({}),
    inspectMedia: async () => ({}),
  });

export const CHUNK = Buffer.alloc(256 * 1024, 7);
export const part = (value: Buffer = CHUNK) => ({ part: { $case: 'chunk' as const, value } });
export const sizeOf = (message: PutRecordingRequest | DecryptMediaResponse) =>
  message.part?.$case === 'chunk' ? message.part.value.length : 0;

/** A promise with its handle, to hold a handler where a test wants it. */
export const gate = () => Promise.withResolvers<void>();

export const range = (length: bigint) => ({
  tenantId: 'demo',
  recordingId: 'r1',
  mediaId: '',
  purpose: '',
  range: { offset: 0n, length },
});

/** The recordings service (unary) with a handler of the test's own for GetRecording. */
export const recordings = (
  get: (request: GetRecordingRequest, context: Context) => Promise<Partial<GetRecordingResponse>>,
): RpcService =>
  implement(RecordingServiceDefinition, {
    getRecording: get,
    listRecordings: async () => ({}),
    countRecordings: async () => ({}),
    countRecordingsOfEach: async () => ({}),
    listFailedCaptures: async () => ({}),
    getTimeline: async () => ({}),
    listAccesses: async () => ({}),
  });
