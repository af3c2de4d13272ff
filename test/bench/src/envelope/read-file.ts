import { open } from 'node:fs/promises';

const PIECE = 256 * 1024;

/**
 * Bytes [offset, offset + length) of a file, or all of it, in pieces of 256 KiB. The memory of a piece is used again for
 * the next one.
 */
export async function* readPieces(
  path: string,
  offset = 0,
  length = Number.POSITIVE_INFINITY,
): AsyncGenerator<Buffer, void> {
  await using file = await open(path);
  const buffer = Buffer.allocUnsafeSlow(Math.min(PIECE, length));
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(PIECE, length - done), offset + done);
    if (bytesRead === 0) return;
    done += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** The whole file, for engines that cannot stream; `fs.readFile` ends at 2 GiB, which need not be the engine's end. */
export async function readWhole(path: string): Promise<Buffer<ArrayBuffer>> {
  await using file = await open(path);
  const { size } = await file.stat();
  const whole = Buffer.from(new ArrayBuffer(size));
  for (let done = 0; done < size; ) {
    const { bytesRead } = await file.read(whole, done, Math.min(1024 * PIECE, size - done), done);
    if (bytesRead === 0) throw new Error(`${path} became shorter`);
    done += bytesRead;
  }
  return whole;
}
