import { DerError } from '@sealtrack/certificates/der';
import { type BerHeader, createHeaderParser } from './ber-header.ts';
import type { ByteSource } from './byte-source.ts';
import { type KeptBytes, keepBytes, TOO_MUCH } from './kept-bytes.ts';

/** What `next` answers at the end of the element that was entered last: it is left thereby. */
export const END: BerHeader = { tag: 0, size: 0, start: -1 };

/**
 * BER (X.690), element by element as it arrives: definite and indefinite lengths, checked against those around them.
 * Each header that `next` gives is to be followed by `enter`, by `raw`, or by taking its content. Throws DerError.
 */
export interface BerReader {
  next(): Promise<BerHeader>;
  /** The same at once, or undefined when its bytes have not all come. */
  nextNow(): BerHeader | undefined;
  /** What comes next is inside this element. */
  enter(header: BerHeader): void;
  /** The whole element, which must begin within what is kept. */
  raw(header: BerHeader): Promise<Buffer>;
  /** 1 to `max` bytes of content, not copied. */
  take(max: number): Promise<Buffer>;
  /** The same at once, or nothing. */
  takeNow(max: number): Buffer;
  /** From here on at most `limit` bytes are read, and kept for `raw`. Undefined: any number, and not kept. */
  keep(limit: number | undefined): void;
  /** There must be nothing after the outermost element. */
  finish(): Promise<void>;
}

/** Indefinite lengths inside an element that is taken whole; as packages/certificates reads them afterwards. */
const MAX_DEPTH = 16;

interface Container {
  /** Where it ends, in bytes of input; undefined when an end-of-contents says so. */
  readonly end: number | undefined;
  /** Where it ends at the latest, because of those around it. */
  readonly limit: number;
}

export function createBerReader(bytes: ByteSource): BerReader {
  const containers: Container[] = [];
  const parse = createHeaderParser();
  let isInHeader = false;
  let offset = 0;
  let kept: KeptBytes | undefined;
  let keptFrom = 0;

  const more = async (): Promise<void> => {
    if (!(await bytes.more())) throw new DerError('ends inside an element');
  };

  const headerNow = (): BerHeader | undefined => {
    for (let byte = bytes.byte(); byte !== undefined; byte = bytes.byte()) {
      kept?.addByte(byte);
      const header = parse(byte, offset);
      offset += 1;
      isInHeader = header === undefined;
      if (header !== undefined) return header;
    }
    return undefined;
  };

  const nextNow = (): BerHeader | undefined => {
    const within = containers.at(-1);
    if (within?.end === offset && !isInHeader) {
      containers.pop();
      return END;
    }
    const header = headerNow();
    if (header === undefined) return undefined;
    if (offset + (header.size ?? 0) > (within?.limit ?? Number.POSITIVE_INFINITY)) {
      throw new DerError('has a length past the end of what it is in');
    }
    if (header.tag !== 0) return header;
    const isEnd = header.size === 0 && offset - header.start === 2;
    if (!isEnd || within === undefined || within.end !== undefined) {
      throw new DerError('has an end-of-contents out of place');
    }
    containers.pop();
    return END;
  };

  const next = async (): Promise<BerHeader> => {
    for (;;) {
      const header = nextNow();
      if (header !== undefined) return header;
      await more();
    }
  };

  const enter = ({ size }: BerHeader): void => {
    const end = size === undefined ? undefined : offset + size;
    containers.push({ end, limit: end ?? containers.at(-1)?.limit ?? Number.POSITIVE_INFINITY });
  };

  const takeNow = (max: number): Buffer => {
    const part = bytes.take(max);
    kept?.add(part);
    offset += part.length;
    return part;
  };

  const take = async (max: number): Promise<Buffer> => {
    for (;;) {
      const part = takeNow(max);
      if (part.length > 0) return part;
      await more();
    }
  };

  const skip = async (size: number): Promise<void> => {
    // Refused at once, rather than when all of what is accepted has been read.
    if (kept !== undefined && size > kept.room) throw new DerError(TOO_MUCH);
    let left = size - takeNow(size).length;
    while (left > 0) left -= (await take(left)).length;
  };

  const skipIndefinite = async (header: BerHeader): Promise<void> => {
    enter(header);
    for (let depth = 1; depth > 0; ) {
      const inner = nextNow() ?? (await next());
      if (inner === END) depth -= 1;
      else if (inner.size !== undefined) await skip(inner.size);
      else if (depth === MAX_DEPTH) throw new DerError('has an indefinite length out of place');
      else {
        enter(inner);
        depth += 1;
      }
    }
  };

  return {
    next,
    nextNow,
    enter,
    take,
    takeNow,
    async raw(header) {
      if (header.size !== undefined) await skip(header.size);
      else await skipIndefinite(header);
      return kept === undefined ? Buffer.alloc(0) : kept.since(header.start - keptFrom);
    },
    keep(limit) {
      kept = limit === undefined ? undefined : keepBytes(limit);
      keptFrom = offset;
    },
    async finish() {
      if (await bytes.more()) throw new DerError('has bytes after its end');
    },
  };
}
