import { type Effort, mutateBytes } from '../bytes/mutate-bytes.ts';
import { createNumbers } from '../bytes/numbers.ts';
import { must } from '../judge.ts';
import { openTagged } from '../open-tagged.ts';
import type { Original } from '../originals.ts';
import { createStore, type Manners } from '../store.ts';
import type { Target } from '../target.ts';

const SEGMENT_SIZE = 262_144;
const TAG_SIZE = 16;

/** Of one segment: not a byte comes out unless the store gave what was sealed, and only what surpasses it is found later. */
export const ciphertext = (original: Original, other: Original, effort: Effort): Target => ({
  name: `ciphertext of tagged media, ${original.name}`,
  *mutants() {
    const seed = `ciphertext of ${original.name}`;
    const numbers = createNumbers(seed);
    for (const { what, bytes } of mutateBytes(original.ciphertext, other.ciphertext, seed, effort)) {
      const manners = numbers(2) === 0 ? 'exact' : 'lavish';
      const chunk = 1 + numbers(1500);
      const offset = numbers(original.plaintext.length);
      const length = numbers(4) === 0 ? numbers(original.plaintext.length - offset + 1) : undefined;
      const range = length === undefined ? undefined : { offset, length };
      yield {
        what: `${what}, from a store that is ${manners}`,
        bytes,
        check: () => checkCiphertext(original, bytes, manners, chunk, range),
      };
    }
  },
});

async function checkCiphertext(
  original: Original,
  bytes: Buffer,
  manners: Manners,
  chunk: number,
  range?: { readonly offset: number; readonly length: number },
): Promise<string> {
  const { media, dek } = original;
  const isRight = bytes.subarray(0, media.ciphertextSize).equals(original.ciphertext);
  const store = createStore(bytes, chunk, manners);
  const { size, code } = await openTagged(original, media, dek, store, ['DECRYPTION_FAILED'], range);
  must(isRight || size === 0, 'bytes of a segment that is not right');
  must(
    (code === undefined) === (isRight && manners === 'exact'),
    'what is right failed, or the other way round',
  );
  return code ?? 'right';
}

/** What comes out ends where the first wrong tag's segment begins. */
export const tags = (original: Original, other: Original, effort: Effort): Target => ({
  name: `tags, ${original.name}`,
  *mutants() {
    const own = original.media.tags;
    for (const { what, bytes } of mutateBytes(own, other.media.tags, `tags of ${original.name}`, effort)) {
      const wrong = own.findIndex((byte, at) => byte !== bytes[at]);
      const good = bytes.length === own.length ? Math.floor(wrong / TAG_SIZE) * SEGMENT_SIZE : 0;
      yield {
        what,
        bytes,
        async check() {
          const store = createStore(original.ciphertext, 65_536);
          const media = { ...original.media, tags: bytes };
          const { size, code } = await openTagged(original, media, original.dek, store, [
            'DECRYPTION_FAILED',
          ]);
          must(code !== undefined && size === good, `${size} bytes came out where ${good} are good`);
          return code;
        },
      };
    }
  },
});
