/** The client's side of what is measured. */
export interface Engine extends AsyncDisposable {
  /** Reads a stream of so many chunks of CHUNK_BYTES. */
  download(chunks: number): Promise<void>;
  /** Sends one. */
  upload(chunks: number): Promise<void>;
  /** One unary call. */
  call(): Promise<void>;
}

export const CHUNK_BYTES = 256 * 1024;
export const CHUNK = Buffer.alloc(CHUNK_BYTES, 7);

/** A stream that ended early would be a fast one. */
export function checkSize(chunks: number, bytes: number): void {
  if (bytes !== chunks * CHUNK_BYTES) throw new Error(`${bytes} bytes came instead of ${chunks} chunks`);
}
