import { randomBytes as systemRandomBytes } from 'node:crypto';
import { createSummer } from './ciphertext-sums.ts';
import { CONTENT_CIPHERS } from './content-ciphers.ts';
import { parseEnvelope } from './envelope.ts';
import { envelopeMac } from './envelope-mac.ts';
import { decryptionFailed } from './failures.ts';
import { inSegments } from './in-segments.ts';
import { deriveMediaKeys } from './media-keys.ts';
import type { SealedMedia, TaggedMedia } from './sealed-media.ts';

const TAG_SALT_SIZE = 16;

/**
 * Makes the tags of a ciphertext that came without, as other systems write it, so that from now on any byte of it can be
 * verified. What can be verified of it today is: the MAC of GCM, or of CBC only the padding. Reads it once, in constant
 * memory, and gives nothing out: `openMedia` with the result reads it again. The caller zeroes `dek`.
 *
 * Throws DECRYPTION_FAILED, ENVELOPE_INVALID, and whatever the source throws.
 */
export async function tagMedia(
  envelope: Buffer,
  dek: Uint8Array,
  ciphertext: AsyncIterable<Uint8Array>,
  boundTo: readonly string[] = [],
  randomBytes: (size: number) => Buffer = systemRandomBytes,
): Promise<TaggedMedia & Pick<SealedMedia, 'checksum'>> {
  const parsed = parseEnvelope(envelope);
  const cipher = CONTENT_CIPHERS[parsed.cipher];
  if (dek.length !== cipher.keySize) throw decryptionFailed({ check: 'sizes' });
  const tagSalt = randomBytes(TAG_SALT_SIZE);
  const { contentKey, tagKey, macKey } = deriveMediaKeys(dek, parsed.iv, cipher.name, tagSalt);
  const check = cipher.createCheck(contentKey, parsed);
  const sums = createSummer(tagKey, parsed.iv);
  for await (const { bytes, isLast } of inSegments(ciphertext)) {
    verify(() => check.update(bytes));
    sums.add(isLast, bytes);
  }
  const facts = {
    ...sums.result(),
    plaintextSize: verify(() => check.final()),
    envelope: parsed.der,
    boundTo,
    tagSalt,
  };
  return { ...facts, envelopeMac: envelopeMac(macKey, facts) };
}

/** OpenSSL throws for a wrong MAC or padding, and for more than GCM can have encrypted. */
function verify<Result>(run: () => Result): Result {
  try {
    return run();
  } catch {
    throw decryptionFailed({ check: 'content MAC or padding' });
  }
}
