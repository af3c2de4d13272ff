import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { inspectEnvelope } from '@sealtrack/envelope/inspect';
import { recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { rewrapMedia } from '@sealtrack/envelope/rewrap';
import { splicePkcs7 } from '@sealtrack/envelope/splice';
import { type Effort, mutateBytes } from '../bytes/mutate-bytes.ts';
import { mutateDer } from '../bytes/mutate-der.ts';
import { attempt, attemptLater, must } from '../judge.ts';
import { expectNothing } from '../open-tagged.ts';
import { bert, type Original } from '../originals.ts';
import type { Target } from '../target.ts';

const newRecipients = [recipientFromCertificate(bert.certificate)];

/**
 * Whatever the change, the envelope's MAC is wrong: nothing is read, nothing comes out, nothing is re-wrapped, neither
 * with the session key that belongs to the media nor with the one that is in the changed envelope.
 */
export const taggedEnvelope = (original: Original, other: Original, effort: Effort): Target => ({
  name: `envelope of tagged media, ${original.name}`,
  *mutants() {
    const { envelope } = original.media;
    const mutations = [
      ...mutateDer(envelope),
      ...mutateBytes(envelope, other.media.envelope, `envelope of ${original.name}`, effort),
    ];
    for (const { what, bytes } of mutations)
      yield { what, bytes, check: () => checkEnvelope(original, bytes) };
  },
});

async function checkEnvelope(original: Original, bytes: Buffer): Promise<string> {
  const { media, dek, owner } = original;
  const parsed = attempt(() => parseEnvelope(bytes), 'ENVELOPE_INVALID');
  const described = attempt(() => inspectEnvelope(bytes), 'ENVELOPE_INVALID');
  must(described.code === parsed.code, 'an envelope that is read but not described, or the other way round');
  attempt(() => splicePkcs7(bytes, media.ciphertextSize), 'ENVELOPE_INVALID');

  const changed = { ...media, envelope: bytes };
  const code = await expectNothing(original, changed, dek, parsed.code ?? 'DECRYPTION_FAILED');
  const rewrapped = attempt(() => rewrapMedia(changed, dek, newRecipients), code);
  must(rewrapped.code === code, 'a changed envelope was re-wrapped');
  if (parsed.code !== undefined) return code;

  const { result } = parsed;
  const unwrapped = await attemptLater(() => owner.unwrap(result), 'KEY_NOT_HELD', 'ENVELOPE_INVALID');
  if (unwrapped.code !== undefined) return unwrapped.code;
  return expectNothing(original, changed, unwrapped.result, 'DECRYPTION_FAILED');
}
