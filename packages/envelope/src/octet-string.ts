import { DerError, TAG } from '@sealtrack/certificates/der';
import { type BerHeader, isConstructed } from './ber-header.ts';
import { type BerReader, END } from './ber-reader.ts';

/** Of pieces within pieces, as writers make them that put one stream into another. */
const MAX_DEPTH = 4;
const CONSTRUCTED_OCTET_STRING = TAG.octetString | 0x20;
/** Smaller pieces are put together: whoever reads them pays for each. */
const SMALL = 16 * 1024;
const BLOCK_SIZE = 64 * 1024;

/**
 * The bytes of an OCTET STRING of any size, whose header was just read, as they come. They are not copied, except for
 * small pieces of one that is constructed (X.690, 8.7.3). Throws DerError.
 */
export async function* readOctets(
  ber: BerReader,
  header: BerHeader,
): AsyncGenerator<Buffer, void, undefined> {
  if (isConstructed(header.tag)) {
    yield* readPieces(ber, header);
    return;
  }
  for (let left = header.size ?? 0; left > 0; ) {
    const part = await ber.take(left);
    left -= part.length;
    yield part;
  }
}

async function* readPieces(ber: BerReader, header: BerHeader): AsyncGenerator<Buffer, void, undefined> {
  const gathered = createBlock();
  ber.enter(header);
  for (let depth = 1; depth > 0; ) {
    // Waiting for what is there already would take most of the time when pieces are small.
    const piece = ber.nextNow() ?? (await ber.next());
    if (piece === END) depth -= 1;
    else if (piece.tag === CONSTRUCTED_OCTET_STRING && depth < MAX_DEPTH) {
      ber.enter(piece);
      depth += 1;
    } else {
      for (let left = sizeOfPiece(piece); left > 0; ) {
        const now = ber.takeNow(left);
        const part = now.length > 0 ? now : await ber.take(left);
        left -= part.length;
        if (part.length >= SMALL || !gathered.fits(part)) yield* gathered.flush();
        if (part.length >= SMALL) yield part;
        else gathered.add(part);
      }
    }
  }
  yield* gathered.flush();
}

function sizeOfPiece({ tag, size }: BerHeader): number {
  if (tag === TAG.octetString && size !== undefined) return size;
  throw new DerError('has something other than OCTET STRINGs in its content');
}

/** Small parts, in memory of its own for whoever gets them. */
function createBlock() {
  let block: Buffer | undefined;
  let used = 0;
  return {
    fits: (part: Buffer): boolean => used + part.length <= BLOCK_SIZE,
    add(part: Buffer): void {
      block ??= Buffer.allocUnsafeSlow(BLOCK_SIZE);
      used += part.copy(block, used);
    },
    *flush(): Generator<Buffer, void, undefined> {
      const full = block?.subarray(0, used);
      block = undefined;
      used = 0;
      if (full !== undefined) yield full;
    },
  };
}
