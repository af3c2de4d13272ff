import { contextTag, element, integer, octetString, oid, sequence, setOf } from '@sealtrack/certificates/der';
import type { ContentCipher } from './content-ciphers.ts';
import { encodeContentEncryption } from './content-encryption.ts';
import { encodeKeyTransport, encryptKey, type KeyTransport } from './key-transport.ts';
import type { Recipient } from './recipient.ts';

export const ID_DATA = '1.2.840.113549.1.7.1';
export const ENVELOPED_DATA = '1.2.840.113549.1.7.3';
export const AUTH_ENVELOPED_DATA = '1.2.840.113549.1.9.16.1.23';

/** A ContentInfo in its parts, each a whole element as it was written, without the encrypted content. */
export interface EnvelopeParts {
  /** OID of the ContentInfo (RFC 5652, 3). */
  readonly contentInfoType: string;
  /** Everything before EncryptedContentInfo: version, originator, recipients. */
  readonly head: readonly Buffer[];
  readonly contentType: Buffer;
  readonly contentEncryption: Buffer;
  /** Everything after EncryptedContentInfo: attributes, and the MAC. */
  readonly tail: readonly Buffer[];
}

/** A detached ContentInfo (RFC 5652, 6.1; RFC 5083, 2.1): DER, as far as the parts are. */
export function encodeContentInfo(parts: EnvelopeParts): Buffer {
  const encryptedContentInfo = sequence(parts.contentType, parts.contentEncryption);
  const data = sequence(...parts.head, encryptedContentInfo, ...parts.tail);
  return sequence(oid(parts.contentInfoType), element(contextTag(0, true), data));
}

/** Version and RecipientInfos with issuer and serial number, for the session key. */
export function encodeHead(
  keyTransport: KeyTransport,
  recipients: readonly Recipient[],
  dek: Uint8Array,
): Buffer[] {
  const version0 = integer(Buffer.of(0));
  const recipientInfos = recipients.map(({ issuerAndSerial, publicKey }) =>
    sequence(
      version0,
      issuerAndSerial,
      encodeKeyTransport(keyTransport),
      octetString(encryptKey(keyTransport, publicKey, dek)),
    ),
  );
  return [version0, setOf(...recipientInfos)];
}

/** What surrounds a head in an envelope of ours. */
export function encodeEnvelope(
  cipher: ContentCipher,
  head: readonly Buffer[],
  iv: Buffer,
  mac: Buffer | undefined,
): Buffer {
  return encodeContentInfo({
    contentInfoType: contentInfoTypeOf(cipher),
    head,
    contentType: oid(ID_DATA),
    contentEncryption: encodeContentEncryption(cipher, iv),
    tail: mac === undefined ? [] : [octetString(mac)],
  });
}

export const contentInfoTypeOf = ({ isAuthenticated }: ContentCipher): string =>
  isAuthenticated ? AUTH_ENVELOPED_DATA : ENVELOPED_DATA;
