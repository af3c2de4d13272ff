import { DerError } from '@sealtrack/certificates/der';
import { CONTENT_CIPHERS } from './content-ciphers.ts';
import { encodeContentInfo, encodeHead } from './encode-envelope.ts';
import { parseEnvelope } from './envelope.ts';
import { envelopeMac } from './envelope-mac.ts';
import { readStructure } from './envelope-structure.ts';
import { envelopeInvalid } from './failures.ts';
import { OAEP_SHA256, PKCS1_V1_5 } from './key-transport.ts';
import { checkEnvelope } from './open-media.ts';
import { checkRecipients, type Recipient } from './recipient.ts';
import type { EnvelopedMedia } from './sealed-media.ts';

/**
 * The same media for other recipients: a new envelope, and neither ciphertext nor tags are touched. Only a session key
 * that opens the media is given to them. The caller zeroes `dek`. Throws DECRYPTION_FAILED, ENVELOPE_INVALID, and
 * INVALID_ARGUMENT without recipients or with one twice.
 */
export function rewrapMedia<Media extends EnvelopedMedia>(
  media: Media,
  dek: Uint8Array,
  recipients: readonly Recipient[],
): Media {
  const old = parseEnvelope(media.envelope);
  const { macKey } = checkEnvelope(media, dek, old, CONTENT_CIPHERS[old.cipher]);
  const envelope = rewrapEnvelope(media.envelope, dek, recipients);
  return { ...media, envelope, envelopeMac: envelopeMac(macKey, { ...media, envelope }) };
}

/**
 * An envelope that `dek` is known to belong to, for other recipients. Its key encryption is that of the suite with such a
 * cipher, whatever it was. Throws ENVELOPE_INVALID, INVALID_ARGUMENT.
 */
export function rewrapEnvelope(envelope: Buffer, dek: Uint8Array, recipients: readonly Recipient[]): Buffer {
  checkRecipients(recipients);
  try {
    const { parts, isAuthenticated } = readStructure(envelope);
    const head = encodeHead(isAuthenticated ? OAEP_SHA256 : PKCS1_V1_5, recipients, dek);
    return encodeContentInfo({ ...parts, head });
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw envelopeInvalid(`The envelope ${cause.message}`, cause);
  }
}
