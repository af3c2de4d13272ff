import {
  DecryptionServiceDefinition,
  DecryptMediaResponse,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import {
  IngestServiceDefinition,
  PutRecordingRequest,
} from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { describe, expect, test } from 'vitest';
import { withChunkCodec } from './chunk-codec.ts';

const { requestType, responseType: receiptType } =
  withChunkCodec(IngestServiceDefinition).methods.putRecording;
const chunk = (value: Buffer) => ({ part: { $case: 'chunk' as const, value } });
const header = PutRecordingRequest.fromPartial({
  part: { $case: 'header', value: { tenantId: 'demo', recordingId: 'r1', attributes: { agent: 'a' } } },
});

describe.each([0, 1, 127, 128, 16_383, 16_384, 262_144, 4_000_000])('a chunk of %i bytes', (size) => {
  const message = chunk(Buffer.alloc(size, 0xa5));
  const ordinary = PutRecordingRequest.encode(message).finish();

  test('is on the wire what the generated code makes of it', () => {
    expect(Buffer.compare(requestType.encode(message).finish(), ordinary)).toBe(0);
  });

  test('is read back as it was', () => {
    const read = requestType.decode(Buffer.concat([Buffer.from('xx'), ordinary]).subarray(2));
    expect(read.part?.$case).toBe('chunk');
    expect(read.part?.$case === 'chunk' && read.part.value.equals(message.part.value)).toBe(true);
  });
});

test('every other message is left to the generated code', () => {
  expect(requestType.decode(requestType.encode(header).finish())).toEqual(header);
  expect(requestType.encode({ part: undefined }).finish()).toHaveLength(0);
  expect(requestType.fromPartial({ part: { $case: 'header', value: {} } })).toEqual(
    PutRecordingRequest.fromPartial({ part: { $case: 'header', value: {} } }),
  );
  expect(receiptType.decode(receiptType.encode({ receipt: undefined }).finish())).toEqual({
    receipt: undefined,
  });
});

test('what a newer peer adds to a chunk is read by the generated code', () => {
  const unknownField = Buffer.of(0xa0, 0x06, 0x01);
  const more = Buffer.concat([PutRecordingRequest.encode(chunk(Buffer.from('abc'))).finish(), unknownField]);
  expect(requestType.decode(more)).toEqual(chunk(Buffer.from('abc')));
});

test('a message cut short is an error, as it is to the generated code', () => {
  const bytes = PutRecordingRequest.encode(chunk(Buffer.alloc(100))).finish();
  expect(() => requestType.decode(bytes.subarray(0, 50))).toThrow();
});

test('plaintext is sent by the same short way', () => {
  const { responseType } = withChunkCodec(DecryptionServiceDefinition).methods.decryptMedia;
  const message = chunk(Buffer.from('RIFF'));
  expect(Buffer.from(responseType.encode(message).finish())).toEqual(
    Buffer.from(DecryptMediaResponse.encode(message).finish()),
  );
});
