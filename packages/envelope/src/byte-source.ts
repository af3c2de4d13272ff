/** Bytes that arrive in chunks, taken in any portions, without copying and no faster than they are asked for. */
export interface ByteSource {
  /** What came and is not taken yet: empty when `more()` is due. */
  rest(): Buffer;
  /** The next byte, taken; undefined when `more()` is due. */
  byte(): number | undefined;
  /** At most `max` of the next bytes, taken; empty when `more()` is due. */
  take(max: number): Buffer;
  /** Waits for bytes if none are left. False at the end of the source; throws what the source throws. */
  more(): Promise<boolean>;
  /** Ends the source if it has not ended. */
  close(): Promise<void>;
}

const NONE: Buffer = Buffer.alloc(0);

export function createByteSource(source: AsyncIterable<Uint8Array>): ByteSource {
  const iterator = source[Symbol.asyncIterator]();
  let isOpen = true;
  let chunk = NONE;
  let at = 0;
  return {
    rest: () => chunk.subarray(at),
    byte() {
      const byte = chunk[at];
      if (byte !== undefined) at += 1;
      return byte;
    },
    take(max) {
      const part = chunk.subarray(at, at + max);
      at += part.length;
      return part;
    },
    async more() {
      while (isOpen && at === chunk.length) {
        // A source that throws has ended, so nobody asks it to end afterwards.
        isOpen = false;
        const { done, value } = await iterator.next();
        if (done === true) break;
        isOpen = true;
        chunk = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
        at = 0;
      }
      return at < chunk.length;
    },
    async close() {
      if (!isOpen) return;
      isOpen = false;
      await iterator.return?.();
    },
  };
}
