/** Each field after its length in 8 bytes, big-endian: where one ends is part of the whole. Text in UTF-8. */
export function* framed(fields: readonly (Uint8Array | string)[]): Generator<Uint8Array, void> {
  for (const field of fields) {
    const bytes = typeof field === 'string' ? Buffer.from(field) : field;
    yield uint64(bytes.length);
    yield bytes;
  }
}

/** Big-endian. */
export function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
