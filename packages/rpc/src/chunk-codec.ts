import type { TsProtoServiceDefinition } from 'nice-grpc';

type MessageType = TsProtoServiceDefinition['methods'][string]['requestType'];

/** A message whose one field in use is `chunk` of the oneof `part`: how media crosses in every stream. */
interface ChunkMessage {
  readonly part: { readonly $case: 'chunk'; readonly value: Uint8Array };
}

const isChunk = (message: unknown): message is ChunkMessage =>
  typeof message === 'object' &&
  message !== null &&
  'part' in message &&
  (message as Partial<ChunkMessage>).part?.$case === 'chunk' &&
  (message as ChunkMessage).part.value instanceof Uint8Array;

/** The chunk of a message that is nothing else. */
export const chunkIn = (message: unknown): Uint8Array | undefined =>
  isChunk(message) ? message.part.value : undefined;

/** The tag byte of `chunk` in the messages that `serialize` makes, or undefined when those have no such field. */
export function chunkTagOf(serialize: (message: unknown) => Uint8Array): number | undefined {
  const [tag, length, byte, ...more] = serialize({ part: { $case: 'chunk', value: Buffer.of(7) } });
  return length === 1 && byte === 7 && more.length === 0 ? tag : undefined;
}

function chunkTag({ fromPartial, encode }: MessageType): number | undefined {
  if (fromPartial === undefined) return undefined;
  return chunkTagOf((message) => encode(fromPartial(message)).finish());
}

/** What stands before the bytes of a chunk: the tag, and the length as protobuf's base-128 varint. */
export function chunkPrefix(tag: number, length: number): number[] {
  const bytes = [tag];
  let rest = length;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

/** Where the chunk begins, when it is all that the message holds; otherwise the ordinary decoder has to look. */
function chunkStart(bytes: Uint8Array, tag: number): number | undefined {
  if (bytes[0] !== tag) return undefined;
  let length = 0;
  for (let at = 1; at <= 4; at += 1) {
    const byte = bytes[at] ?? 0;
    length += (byte & 0x7f) * 128 ** (at - 1);
    if (byte < 0x80) return at + 1 + length === bytes.length ? at + 1 : undefined;
  }
  return undefined;
}

function withChunks(type: MessageType): MessageType {
  const tag = chunkTag(type);
  if (tag === undefined) return type;
  return {
    encode: (message: unknown) => {
      if (!isChunk(message)) return type.encode(message);
      const { value } = message.part;
      return { finish: () => Buffer.concat([Buffer.from(chunkPrefix(tag, value.length)), value]) };
    },
    decode: (bytes) => {
      const start = chunkStart(bytes, tag);
      if (start === undefined) return type.decode(bytes);
      const value = Buffer.from(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
      return { part: { $case: 'chunk', value } };
    },
    fromPartial: (message) => (isChunk(message) ? message : (type.fromPartial?.(message) ?? message)),
  };
}

/**
 * The same service on the wire, with its media chunks copied once on their way out and not at all on their way in.
 * The generated code copies each three times into buffers of up to twice the size, which was most of a stream's cost.
 */
export function withChunkCodec<Definition extends TsProtoServiceDefinition>(
  definition: Definition,
): Definition {
  const methods = Object.entries(definition.methods).map(([name, method]) => [
    name,
    { ...method, requestType: withChunks(method.requestType), responseType: withChunks(method.responseType) },
  ]);
  return { ...definition, methods: Object.fromEntries(methods) };
}
