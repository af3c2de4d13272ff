import type { TaggedMedia } from '@sealtrack/envelope/sealed-media';
import { type Effort, mutateBytes } from '../bytes/mutate-bytes.ts';
import { createNumbers } from '../bytes/numbers.ts';
import { expectNothing } from '../open-tagged.ts';
import type { Original } from '../originals.ts';
import type { Mutant, Target } from '../target.ts';

const mutant = (what: string, original: Original, changes: Partial<TaggedMedia>, bytes?: Buffer): Mutant => ({
  what,
  ...(bytes === undefined ? {} : { bytes }),
  check: () => expectNothing(original, { ...original.media, ...changes }, original.dek, 'DECRYPTION_FAILED'),
});

const NO_SIZES = [-1, -0.5, 0.5, 1e308, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const POWERS = [0, 4, 8, 16, 18, 31, 32, 40, 47, 48, 52, 53, 64].map((exponent) => 2 ** exponent);

/** Each of the two alone, and every pair of them, such as those that fit each other. */
export const sizes = (original: Original): Target => ({
  name: `sizes of tagged media, ${original.name}`,
  *mutants() {
    const { plaintextSize, ciphertextSize } = original.media;
    const values = new Set([
      ...NO_SIZES,
      ...POWERS.flatMap((power) => [
        power - 1,
        power,
        power + 1,
        plaintextSize + power,
        ciphertextSize - power,
      ]),
      ...Array.from({ length: 16 }, (_, n) => plaintextSize - 4 + n),
      ...[0, plaintextSize, ciphertextSize],
    ]);
    for (const one of values)
      for (const two of values) {
        if (one === plaintextSize && two === ciphertextSize) continue;
        yield mutant(`sizes ${one} and ${two}`, original, { plaintextSize: one, ciphertextSize: two });
      }
  },
});

export const envelopeMac = (original: Original, other: Original, effort: Effort): Target => ({
  name: `MAC of the envelope, ${original.name}`,
  *mutants() {
    const [own, others] = [original.media.envelopeMac, other.media.envelopeMac];
    for (const { what, bytes } of mutateBytes(own, others, `MAC of ${original.name}`, effort))
      yield mutant(what, original, { envelopeMac: bytes }, bytes);
  },
});

/** The strings, and where one ends and the next begins. */
export const names = (original: Original, count: number): Target => ({
  name: `what the envelope is bound to, ${original.name}`,
  *mutants() {
    const { boundTo } = original.media;
    const numbers = createNumbers(`names of ${original.name}`);
    const texts = ['', ' ', '\0', 'x', '\ud800', '\ufeff', 'ä', '0'.repeat(1000), ...boundTo];
    const text = (): string => texts[numbers(texts.length)] ?? '';
    for (let i = 0; i < count; i += 1) {
      const at = numbers(boundTo.length);
      const own = boundTo[at] ?? '';
      const [from, to] = [numbers(own.length + 1), numbers(own.length + 1)];
      const next = boundTo[at + 1] ?? '';
      const changed = [
        boundTo.with(at, own.slice(0, from) + text() + own.slice(from)),
        boundTo.with(at, own.slice(0, Math.min(from, to)) + own.slice(Math.max(from, to))),
        boundTo.with(at, text()),
        boundTo.toSpliced(at, numbers(3)),
        boundTo.toSpliced(at, 0, text()),
        boundTo.toSpliced(at, 2, next, own),
        boundTo.toSpliced(at, 2, own.slice(0, from), own.slice(from) + next),
        boundTo.toSpliced(at, 2, own + next.slice(0, to), next.slice(to)),
        boundTo.with(at, own.toUpperCase()),
      ][i % 9];
      if (changed === undefined || JSON.stringify(changed) === JSON.stringify(boundTo)) continue;
      yield mutant(`bound to ${JSON.stringify(changed).slice(0, 200)}`, original, { boundTo: changed });
    }
  },
});
