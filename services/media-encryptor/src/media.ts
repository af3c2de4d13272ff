import { AppError, hasCode } from '@sealtrack/errors/app-error';

/** A media file on its way in. */
export interface Media {
  /** Bytes, when they are known beforehand. */
  readonly size?: number | undefined;
  readonly content: AsyncIterable<Uint8Array>;
}

/** Counts what passes through. @throws AppError MEDIA_EMPTY at the end of a source without a byte. */
export function countBytes({ content }: Media): { content: AsyncIterable<Uint8Array>; size(): number } {
  let bytes = 0;
  async function* counted() {
    for await (const chunk of content) {
      bytes += chunk.byteLength;
      yield chunk;
    }
    if (bytes === 0)
      throw new AppError('MEDIA_EMPTY', 'The recording has no bytes', {
        fix: 'Send the media after the header. A call without sound needs no recording.',
      });
  }
  return { content: counted(), size: () => bytes };
}

/** Bytes of the media, read through where nobody said; undefined when it is not there any more. */
export async function sizeOf(openMedia: () => Promise<Media>): Promise<number | undefined> {
  try {
    const { size, content } = await openMedia();
    if (size !== undefined) return size;
    let bytes = 0;
    for await (const chunk of content) bytes += chunk.byteLength;
    return bytes;
  } catch (error) {
    if (hasCode(error, 'MEDIA_UNREADABLE')) return undefined;
    throw error;
  }
}
