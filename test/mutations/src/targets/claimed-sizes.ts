import { CONTENT_CIPHERS } from '@sealtrack/envelope/content-ciphers';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { envelopeMac } from '@sealtrack/envelope/envelope-mac';
import { deriveMediaKeys } from '@sealtrack/envelope/media-keys';
import type { TaggedMedia } from '@sealtrack/envelope/sealed-media';
import { createNumbers } from '../bytes/numbers.ts';
import { must } from '../judge.ts';
import { openTagged } from '../open-tagged.ts';
import type { Original } from '../originals.ts';
import { createStore } from '../store.ts';
import type { Target } from '../target.ts';

const S = 262_144;
const TAG_SIZE = 16;
const BLOCK_SIZE = 16;

/** Every row of up to four of the three segments. */
const rows = (length: number): number[][] =>
  length === 0 ? [[]] : rows(length - 1).flatMap((row) => [0, 1, 2].map((next) => [...row, next]));
const ORDERS = [1, 2, 3, 4].flatMap(rows).filter((order) => `${order}` !== '0,1,2');

/**
 * What only somebody with the session key can make: segments left out, added or exchanged, with sizes that fit and a MAC
 * that is right for them. So the tags alone stand against it, with their index and with what says which one is the last.
 */
export const claimedSizes = (original: Original, cuts: number): Target => ({
  name: `other segments under a right MAC, ${original.name}`,
  *mutants() {
    const { ciphertext, media } = original;
    const numbers = createNumbers(`cuts of ${original.name}`);
    for (const order of ORDERS) {
      const pick = (bytes: Buffer, size: number): Buffer =>
        Buffer.concat(order.map((n) => bytes.subarray(n * size, (n + 1) * size)));
      const isRight = order.findIndex((n, i) => n !== i || (n === 2) !== (i === order.length - 1));
      yield {
        what: `segments ${order}`,
        check: () => checkClaim(original, pick(ciphertext, S), pick(media.tags, TAG_SIZE), isRight),
      };
    }
    for (let i = 0; i < cuts; i += 1) {
      const size = BLOCK_SIZE * (1 + numbers(ciphertext.length / BLOCK_SIZE - 1));
      const last = Math.ceil(size / S) - 1;
      yield {
        what: `cut to ${size} bytes`,
        check: () =>
          checkClaim(
            original,
            ciphertext.subarray(0, size),
            media.tags.subarray(0, (last + 1) * TAG_SIZE),
            last,
          ),
      };
    }
  },
});

/** `firstWrong` is the index of a segment. */
async function checkClaim(
  original: Original,
  stored: Buffer,
  tags: Buffer,
  firstWrong: number,
): Promise<string> {
  const { dek } = original;
  const media = claim(original, stored.length, tags);
  const store = createStore(stored, 100_000);
  const range = { offset: 0, length: media.plaintextSize };
  const { size, code } = await openTagged(original, media, dek, store, ['DECRYPTION_FAILED'], range);
  must(code !== undefined, 'other segments opened');
  const good = Math.min(firstWrong, media.tags.length / TAG_SIZE) * S;
  const isWhole = media.tags.length === Math.ceil(stored.length / S) * TAG_SIZE;
  must(size === (isWhole ? good : 0), `${size} bytes came out where ${good} are good`);
  return code;
}

function claim({ media, dek }: Original, ciphertextSize: number, tags: Buffer): TaggedMedia {
  const { cipher, iv } = parseEnvelope(media.envelope);
  const { blockSize } = CONTENT_CIPHERS[cipher];
  const plaintextSize =
    blockSize === 1 ? ciphertextSize : Math.floor(ciphertextSize / blockSize) * blockSize - 1;
  const claimed = { ...media, ciphertextSize, plaintextSize: Math.max(plaintextSize, 0), tags };
  return {
    ...claimed,
    envelopeMac: envelopeMac(deriveMediaKeys(dek, iv, cipher, claimed.tagSalt).macKey, claimed),
  };
}
