import { openMedia } from '@sealtrack/envelope/open-media';
import type { PlaintextRange } from '@sealtrack/envelope/plaintext-range';
import type { TaggedMedia } from '@sealtrack/envelope/sealed-media';
import type { ErrorCode } from '@sealtrack/errors/codes';
import { codeOf, must } from './judge.ts';
import type { Original } from './originals.ts';
import { createStore, type Store } from './store.ts';

export interface Opened<Code> {
  /** Bytes of plaintext, all of them right. */
  readonly size: number;
  /** Undefined when it came to its end. */
  readonly code: Code | undefined;
}

/** Opens what may have been mutated. Throws Wrong for any byte that is not the original's, or for a short end. */
export async function openTagged<Code extends ErrorCode>(
  { plaintext }: Pick<Original, 'plaintext'>,
  media: TaggedMedia,
  dek: Buffer,
  store: Store,
  expected: readonly Code[],
  range: PlaintextRange = { offset: 0, length: plaintext.length },
): Promise<Opened<Code>> {
  const wanted = plaintext.subarray(range.offset, range.offset + range.length);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of openMedia(media, dek, store.read, range)) {
      must(chunk.length > 0, 'an empty chunk');
      must(chunk.equals(wanted.subarray(size, size + chunk.length)), 'a byte that is not right');
      size += chunk.length;
      chunks.push(chunk);
    }
  } catch (error) {
    return { size, code: codeOf(error, expected) };
  } finally {
    // They are the consumer's to keep.
    must(Buffer.concat(chunks).equals(wanted.subarray(0, size)), 'a byte that was changed afterwards');
  }
  must(size === wanted.length, 'a short end without an error');
  return { size, code: undefined };
}

/** The failure of media whose envelope, sizes, MAC or names are not the original's: before anything is read. */
export async function expectNothing<Code extends ErrorCode>(
  original: Original,
  media: TaggedMedia,
  dek: Buffer,
  ...expected: readonly Code[]
): Promise<Code> {
  const store = createStore(original.ciphertext, 65_536);
  // A range at the beginning: it depends on no size.
  const range = { offset: 0, length: Math.min(1, original.plaintext.length) };
  const { size, code } = await openTagged(original, media, dek, store, expected, range);
  must(code !== undefined, 'something opened that is not the original');
  must(size === 0 && store.readings === 0, 'bytes were read before the MAC was right');
  return code;
}
