import { DerError } from '@sealtrack/certificates/der';

/** Bytes kept as they go by. Takes memory for what came, never for what was announced. */
export interface KeptBytes {
  readonly length: number;
  /** How many more may come. */
  readonly room: number;
  /** Throws DerError when there is no room. */
  add(bytes: Buffer): void;
  addByte(byte: number): void;
  /** A copy of everything from the byte with that index on. */
  since(index: number): Buffer;
}

export const TOO_MUCH = 'has more around its content than is accepted';
const FIRST_SIZE = 4096;

export function keepBytes(limit: number): KeptBytes {
  let kept = Buffer.allocUnsafe(Math.min(limit, FIRST_SIZE));
  let length = 0;
  const makeRoom = (count: number): void => {
    if (count > limit - length) throw new DerError(TOO_MUCH);
    if (length + count <= kept.length) return;
    const larger = Buffer.allocUnsafe(Math.min(limit, Math.max(2 * kept.length, length + count)));
    kept.copy(larger, 0, 0, length);
    kept = larger;
  };
  return {
    get length() {
      return length;
    },
    get room() {
      return limit - length;
    },
    add(bytes) {
      makeRoom(bytes.length);
      length += bytes.copy(kept, length);
    },
    addByte(byte) {
      makeRoom(1);
      kept[length] = byte;
      length += 1;
    },
    since: (index) => Buffer.from(kept.subarray(index, length)),
  };
}
