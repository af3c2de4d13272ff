import { contextTag, DerError, elementHeader, oid, TAG } from '@sealtrack/certificates/der';
import type { EnvelopeParts } from './encode-envelope.ts';
import { readStructure } from './envelope-structure.ts';
import { envelopeInvalid } from './failures.ts';

/** `prefix`, the ciphertext and `suffix`, one after the other, are an ordinary PKCS#7 file of `size` bytes. */
export interface Splice {
  readonly prefix: Buffer;
  readonly suffix: Buffer;
  readonly size: number;
}

/**
 * Puts a detached envelope around its ciphertext, which is only counted: no key is needed, and the ciphertext can be
 * of any size. unsplice.ts is the way back. Throws ENVELOPE_INVALID.
 */
export function splicePkcs7(envelope: Uint8Array, ciphertextSize: number): Splice {
  try {
    return splice(readStructure(Buffer.from(envelope)).parts, ciphertextSize);
  } catch (cause) {
    const why = cause instanceof DerError ? cause.message : 'cannot be read';
    throw envelopeInvalid(`The envelope ${why}`, cause);
  }
}

function splice(envelope: EnvelopeParts, ciphertextSize: number): Splice {
  // From the inside out, because each length counts everything within.
  const parts: Buffer[] = [];
  let inside = ciphertextSize;
  const put = (...before: readonly Buffer[]): void => {
    parts.unshift(...before);
    inside += before.reduce((sum, { length }) => sum + length, 0);
  };
  put(elementHeader(contextTag(0), inside));
  put(envelope.contentType, envelope.contentEncryption);
  put(elementHeader(TAG.sequence, inside));

  const suffix = Buffer.concat(envelope.tail);
  inside += suffix.length;
  put(...envelope.head);
  put(elementHeader(TAG.sequence, inside));
  put(elementHeader(contextTag(0, true), inside));
  put(oid(envelope.contentInfoType));
  put(elementHeader(TAG.sequence, inside));
  return { prefix: Buffer.concat(parts), suffix, size: inside };
}
