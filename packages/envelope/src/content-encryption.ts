import {
  children,
  DerError,
  type Element,
  expectTag,
  integer,
  octetString,
  oid,
  sequence,
  TAG,
} from '@sealtrack/certificates/der';
import { GCM_MAC_SIZE } from './ciphers/gcm.ts';
import { CONTENT_CIPHERS, type ContentCipher } from './content-ciphers.ts';

const ICV_LENGTH = integer(Buffer.of(GCM_MAC_SIZE));

/** AlgorithmIdentifier (RFC 3565 2.2, RFC 5084 3.2: the size of the MAC is written unless it is 12). */
export function encodeContentEncryption(cipher: ContentCipher, iv: Buffer): Buffer {
  const parameters = cipher.isAuthenticated ? sequence(octetString(iv), ICV_LENGTH) : octetString(iv);
  return sequence(oid(cipher.oid), parameters);
}

/**
 * Throws DerError for a cipher that is not known here or does not belong in this kind of envelope: AEAD in
 * EnvelopedData, or CBC in AuthEnvelopedData, would let an attacker have one decrypted as the other.
 */
export function parseContentEncryption(
  algorithm: Element,
  isAuthenticated: boolean,
): { readonly cipher: ContentCipher; readonly iv: Buffer } {
  const [type, parameters, ...others] = children(algorithm, 3);
  const cipher = Object.values(CONTENT_CIPHERS).find(({ oid: known }) => type?.raw.equals(oid(known)));
  if (cipher === undefined || others.length > 0)
    throw new DerError('is encrypted with a cipher not known here');
  if (cipher.isAuthenticated !== isAuthenticated) {
    throw new DerError(`has ${cipher.name} in the wrong kind of envelope`);
  }
  const iv = isAuthenticated ? gcmNonce(parameters) : expectTag(parameters, TAG.octetString).content;
  if (iv.length !== cipher.ivSize) throw new DerError(`has an IV of ${iv.length} bytes`);
  return { cipher, iv };
}

function gcmNonce(parameters: Element | undefined): Buffer {
  const [nonce, icvLength, ...others] = children(expectTag(parameters, TAG.sequence), 3);
  if (icvLength?.raw.equals(ICV_LENGTH) !== true || others.length > 0) {
    throw new DerError('has a MAC of another length than 16 bytes');
  }
  return expectTag(nonce, TAG.octetString).content;
}
