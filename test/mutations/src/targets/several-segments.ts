import { createNumbers, type Numbers } from '../bytes/numbers.ts';
import { must } from '../judge.ts';
import { openTagged } from '../open-tagged.ts';
import type { Original } from '../originals.ts';
import { createStore } from '../store.ts';
import type { Mutant, Target } from '../target.ts';

const S = 262_144;
const CONTEXT_SIZE = 16;
/** Parts of segments, whole ones, and more than one at a time. */
const CHUNKS = [100_000, S, 65_536, 2 * S, 300_000];

interface Range {
  readonly offset: number;
  readonly length: number;
}

/** One bit at a time, read in whole or in part: a range opens if and only if no damage is in what it touches. */
export const bitsOfSegments = (original: Original, count: number): Target => ({
  name: `bits of several segments, ${original.name}`,
  *mutants() {
    const { ciphertext, plaintext } = original;
    const numbers = createNumbers(`bits of ${original.name}`);
    const edges = [0, S, 2 * S, ciphertext.length].flatMap((edge) =>
      [-17, -16, -1, 0, 15, 16].map((by) => edge + by),
    );
    const places = edges.filter((at) => at >= 0 && at < ciphertext.length);
    for (let i = 0; i < count; i += 1) {
      const at =
        places[i] ?? (numbers(3) === 0 ? (places[numbers(places.length)] ?? 0) : numbers(ciphertext.length));
      const bit = 1 << numbers(8);
      const range =
        numbers(3) === 0 ? { offset: 0, length: plaintext.length } : rangeIn(plaintext.length, numbers);
      const flip = (): void => {
        ciphertext[at] = (ciphertext[at] ?? 0) ^ bit;
      };
      yield {
        what: `bit ${bit} of byte ${at} flipped, bytes ${range.offset} and ${range.length} more read`,
        async check() {
          flip();
          try {
            return await checkDamage(original, ciphertext, at, range);
          } finally {
            flip();
          }
        },
      };
    }
  },
});

function rangeIn(size: number, numbers: Numbers): Range {
  const starts = [0, S - 1, S, S + 1, 2 * S - 1, 2 * S, numbers(size), numbers(size)].filter(
    (at) => at <= size,
  );
  const offset = starts[numbers(starts.length)] ?? 0;
  const lengths = [0, 1, 100, S, size - offset, numbers(size - offset + 1)];
  return { offset, length: Math.min(lengths[numbers(lengths.length)] ?? 0, size - offset) };
}

/** `at` is where the damage begins, or the end of what is there. */
async function checkDamage(original: Original, stored: Buffer, at: number, range: Range): Promise<string> {
  const { media, dek } = original;
  const end = range.offset + range.length;
  const lastSegment = Math.max(Math.ceil(media.ciphertextSize / S) - 1, 0);
  const first = Math.min(Math.floor(range.offset / S), lastSegment);
  const last = end === media.plaintextSize ? lastSegment : Math.floor(Math.max(end - 1, range.offset) / S);
  const isTouched = at >= first * S - CONTEXT_SIZE && at < Math.min((last + 1) * S, media.ciphertextSize);
  const damaged = Math.max(Math.floor(at / S), first) * S;
  const good = isTouched ? Math.max(Math.min(damaged, end) - range.offset, 0) : range.length;

  const store = createStore(stored, CHUNKS[at % CHUNKS.length] ?? S);
  const { size, code } = await openTagged(original, media, dek, store, ['DECRYPTION_FAILED'], range);
  must((code !== undefined) === isTouched, 'damage outside of what is read was found, or inside was not');
  must(size === good, `${size} bytes came out where ${good} are good`);
  return code ?? 'right, and not touched by the range';
}

/** Cuts, and segments and blocks in another order: alone, and together with the tags that were theirs. */
export const orderOfSegments = (original: Original, other: Original, count: number): Target => ({
  name: `order of segments, ${original.name}`,
  *mutants() {
    const numbers = createNumbers(`order of ${original.name}`);
    for (let i = 0; i < count; i += 1)
      yield cut(original, [S, 2 * S][i] ?? numbers(original.ciphertext.length));
    for (let i = 0; i < count; i += 1) yield moved(original, numbers);
    for (let i = 0; i < count; i += 1) yield crossed(original, other, numbers);
    for (const order of ORDERS) yield reordered(original, order);
  },
});

const ORDERS = [
  ...[0, 1, 2].flatMap((a) => [0, 1, 2].flatMap((b) => [0, 1, 2].map((c) => [a, b, c]))),
  ...[0, 1, 2].flatMap((a) => [0, 1, 2].map((b) => [a, b])),
  ...[[], [0], [1], [2], [0, 1, 2, 0], [0, 1, 2, 2]],
].filter((order) => `${order}` !== '0,1,2');

const whole = ({ plaintext }: Original): Range => ({ offset: 0, length: plaintext.length });

const cut = (original: Original, size: number): Mutant => ({
  what: `cut to ${size} bytes`,
  check: () => checkDamage(original, original.ciphertext.subarray(0, size), size, whole(original)),
});

/** A stretch of whole blocks in another place, under the right tags. */
function moved(original: Original, numbers: Numbers): Mutant {
  const { ciphertext } = original;
  const blocks = Math.floor(ciphertext.length / 16);
  const b = 1 + numbers(blocks - 1);
  const [a, c] = [16 * numbers(b), 16 * (b + 1 + numbers(blocks - b))];
  return replacing(original, `bytes ${a} to ${16 * b} moved to ${c}`, () =>
    Buffer.concat([
      ciphertext.subarray(0, a),
      ciphertext.subarray(16 * b, c),
      ciphertext.subarray(a, 16 * b),
      ciphertext.subarray(c),
    ]),
  );
}

function crossed(original: Original, other: Original, numbers: Numbers): Mutant {
  const { ciphertext } = original;
  const at = [S, 2 * S, numbers(2 * S)][numbers(3)] ?? 0;
  const end = numbers(2) === 0 ? ciphertext.length : at + 16 * (1 + numbers(100));
  return replacing(original, `bytes ${at} to ${end} of another`, () => {
    const part = other.ciphertext.subarray(at, end);
    return Buffer.concat([ciphertext.subarray(0, at), part, ciphertext.subarray(at + part.length)]);
  });
}

const replacing = (original: Original, what: string, make: () => Buffer): Mutant => ({
  what,
  check() {
    const stored = make();
    const at = firstDifference(original.ciphertext, stored);
    must(at !== undefined, 'nothing was changed');
    return checkDamage(original, stored, at, whole(original));
  },
});

function firstDifference(one: Buffer, two: Buffer): number | undefined {
  for (let from = 0; from < one.length; from += 4096) {
    const [a, b] = [one.subarray(from, from + 4096), two.subarray(from, from + 4096)];
    if (!a.equals(b)) return from + a.findIndex((byte, at) => byte !== b[at]);
  }
  return undefined;
}

function reordered(original: Original, order: readonly number[]): Mutant {
  const { media, dek } = original;
  const pick = (bytes: Buffer, size: number): Buffer =>
    Buffer.concat(order.map((n) => bytes.subarray(n * size, (n + 1) * size)));
  return {
    what: `segments ${order}, with their tags`,
    async check() {
      const store = createStore(pick(original.ciphertext, S), 100_000);
      const changed = { ...media, tags: pick(media.tags, 16) };
      const { size, code } = await openTagged(original, changed, dek, store, ['DECRYPTION_FAILED']);
      const fits = order.length === 3;
      const good = fits ? order.findIndex((n, i) => n !== i) * S : 0;
      must(code !== undefined && size === good, `${size} bytes came out where ${good} are good`);
      return code;
    },
  };
}
