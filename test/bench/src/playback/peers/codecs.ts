import { DecryptMediaResponse } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';

/** How a peer turns a chunk of media into a gRPC message, and back. */
export interface Codec {
  /** What the peer is called in the figures. */
  readonly name: string;
  /** Of the client's connection, in bytes; HTTP/2's own 64 KiB when left out. */
  readonly windowBytes?: number;
  readonly serialize: (chunk: Buffer) => Buffer;
  readonly deserialize: (message: Buffer) => Uint8Array;
}

/** As ts-proto generates it for grpc-js. */
const generated: Codec = {
  name: 'grpc-js, generated codec',
  serialize: (value) =>
    Buffer.from(DecryptMediaResponse.encode({ part: { $case: 'chunk', value } }).finish()),
  deserialize: (message) => {
    const { part } = DecryptMediaResponse.decode(message);
    return part?.$case === 'chunk' ? part.value : Buffer.alloc(0);
  },
};

const raw: Codec = {
  name: 'grpc-js, raw bytes',
  serialize: (chunk) => chunk,
  deserialize: (message) => message,
};

/** Field 2, of wire type 2. */
const TAG = 0x12;

function prefixOf(length: number): Buffer {
  const bytes = [TAG];
  let rest = length;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

function startOf(message: Buffer): number {
  let at = 1;
  while (((message[at] ?? 0) & 0x80) !== 0) at += 1;
  return at + 1;
}

/** The same on the wire as the generated one; the chunk is copied once, by grpc-js itself, and read where it lies. */
const notCopying: Codec = {
  name: 'grpc-js, non-copying codec, window of 8 MiB',
  windowBytes: 8 * 1024 * 1024,
  serialize: (chunk) => {
    const prefix = prefixOf(chunk.byteLength);
    // All that grpc-js asks of a serialized message.
    const message = {
      byteLength: prefix.byteLength + chunk.byteLength,
      copy: (target: Buffer, at: number) =>
        prefix.copy(target, at) + chunk.copy(target, at + prefix.byteLength),
    };
    return message as unknown as Buffer;
  },
  deserialize: (message) => message.subarray(startOf(message)),
};

export const CODECS = { generated, raw, notCopying } as const;
export type CodecName = keyof typeof CODECS;
export const CODEC_NAMES = Object.keys(CODECS) as CodecName[];
