import { open } from 'node:fs/promises';

/** Reading is handed to another thread and back: at 256 KiB that takes longer than AES-GCM. */
const PIECE = 1024 * 1024;

/**
 * Bytes [offset, offset + length) of a file, or all of it, in pieces of 1 MiB. The next one is being read while a piece
 * is worked at; its memory is used again when another is asked for.
 */
export async function* readPieces(
  path: string,
  offset = 0,
  length = Number.POSITIVE_INFINITY,
): AsyncGenerator<Buffer, void> {
  const whole = await keepSmall(path);
  if (whole !== undefined) {
    const end = Math.min(whole.length, offset + length);
    for (let at = offset; at < end; at += KEPT_PIECE)
      yield whole.subarray(at, Math.min(at + KEPT_PIECE, end));
    return;
  }
  await using file = await open(path);
  const size = Math.min(length, (await file.stat()).size - offset);
  const buffers = [0, 1].map(() => Buffer.allocUnsafeSlow(Math.min(PIECE, Math.max(size, 1))));
  const read = async (at: number, [buffer = Buffer.alloc(0)]: readonly Buffer[]): Promise<Buffer> => {
    const { bytesRead } = await file.read(buffer, 0, Math.min(PIECE, size - at), offset + at);
    if (bytesRead === 0) throw new Error(`${path} became shorter`);
    return buffer.subarray(0, bytesRead);
  };
  let next = size > 0 ? read(0, buffers) : undefined;
  try {
    for (let done = 0; next !== undefined; ) {
      const piece: Buffer = await next;
      done += piece.length;
      next = done < size ? read(done, buffers.reverse()) : undefined;
      yield piece;
    }
  } finally {
    // The file is not closed while it is being read.
    await next?.catch(() => {});
  }
}

/**
 * Files this small are read once and kept, because a recording of that size comes in over the network: opening a file
 * takes longer than encrypting it.
 */
const KEPT_SIZE = 1024 * 1024;
const kept = new Map<string, Buffer>();

/** As large as gRPC delivers it. */
const KEPT_PIECE = 64 * 1024;

async function keepSmall(path: string): Promise<Buffer | undefined> {
  const found = kept.get(path);
  if (found !== undefined) return found;
  await using file = await open(path);
  if ((await file.stat()).size > KEPT_SIZE) return undefined;
  const whole = await file.readFile();
  kept.set(path, whole);
  return whole;
}

/** As readPieces, for what is measured: of a small file from memory, all but the first time. */
export async function* readInput(
  path: string,
  offset = 0,
  length = Number.POSITIVE_INFINITY,
): AsyncGenerator<Buffer, void> {
  const whole = await keepSmall(path);
  if (whole === undefined) {
    yield* readPieces(path, offset, length);
    return;
  }
  const end = Math.min(whole.length, offset + length);
  for (let at = offset; at < end; at += KEPT_PIECE) yield whole.subarray(at, Math.min(at + KEPT_PIECE, end));
}

/** The whole file, for engines that cannot stream; `fs.readFile` ends at 2 GiB, which need not be the engine's end. */
export async function readWhole(path: string): Promise<Buffer<ArrayBuffer>> {
  await using file = await open(path);
  const { size } = await file.stat();
  const whole = Buffer.from(new ArrayBuffer(size));
  for (let done = 0; done < size; ) {
    const { bytesRead } = await file.read(whole, done, Math.min(256 * PIECE, size - done), done);
    if (bytesRead === 0) throw new Error(`${path} became shorter`);
    done += bytesRead;
  }
  return whole;
}
