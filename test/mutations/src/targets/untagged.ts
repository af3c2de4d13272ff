import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { type Effort, mutateBytes } from '../bytes/mutate-bytes.ts';
import { mutateDer } from '../bytes/mutate-der.ts';
import { createNumbers } from '../bytes/numbers.ts';
import { attempt, attemptLater } from '../judge.ts';
import { openUntagged } from '../open-untagged.ts';
import type { Original } from '../originals.ts';
import type { Target } from '../target.ts';

/** Detached, beside its ciphertext. What it says of others than the one who opens it, it may say otherwise. */
export const untaggedEnvelope = (original: Original, other: Original, effort: Effort): Target => ({
  name: `envelope without tags, ${original.name}`,
  *mutants() {
    const { envelope } = original.media;
    const seed = `envelope without tags of ${original.name}`;
    const numbers = createNumbers(seed);
    for (const { what, bytes } of [
      ...mutateDer(envelope),
      ...mutateBytes(envelope, other.media.envelope, seed, effort),
    ]) {
      const chunk = 1 + numbers(2000);
      yield { what, bytes, check: () => checkEnvelope(original, bytes, chunk) };
    }
  },
});

async function checkEnvelope(original: Original, bytes: Buffer, chunk: number): Promise<string> {
  const parsed = attempt(() => parseEnvelope(bytes), 'ENVELOPE_INVALID');
  if (parsed.code !== undefined) return parsed.code;
  const envelope = parsed.result;
  const { owner, ciphertext, plaintext } = original;
  const unwrapped = await attemptLater(() => owner.unwrap(envelope), 'KEY_NOT_HELD', 'ENVELOPE_INVALID');
  if (unwrapped.code !== undefined) return unwrapped.code;
  return openUntagged(envelope, unwrapped.result, ciphertext, plaintext, chunk);
}

export const untaggedCiphertext = (original: Original, other: Original, effort: Effort): Target => ({
  name: `ciphertext without tags, ${original.name}`,
  *mutants() {
    const seed = `ciphertext without tags of ${original.name}`;
    const numbers = createNumbers(seed);
    const envelope = parseEnvelope(original.media.envelope);
    for (const { what, bytes } of mutateBytes(original.ciphertext, other.ciphertext, seed, effort)) {
      const chunk = 1 + numbers(2000);
      const { dek, plaintext } = original;
      yield { what, bytes, check: () => openUntagged(envelope, dek, bytes, plaintext, chunk) };
    }
  },
});
