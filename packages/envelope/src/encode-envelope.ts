import { contextTag, element, integer, octetString, oid, sequence, setOf } from '@sealtrack/certificates/der';
import type { Recipient } from './recipient.ts';
import type { Suite } from './suites/suite.ts';

const VERSION_0 = integer(Buffer.of(0));
export const ID_DATA = '1.2.840.113549.1.7.1';

/** The session key encrypted to every recipient, as a detached ContentInfo in DER (RFC 5652, 6.1). */
export function encodeEnvelope(
  suite: Suite,
  recipients: readonly Recipient[],
  dek: Buffer,
  iv: Buffer,
): Buffer {
  const recipientInfos = recipients.map(({ issuerAndSerial, publicKey }) =>
    sequence(VERSION_0, issuerAndSerial, suite.keyTransport, octetString(suite.wrap(publicKey, dek))),
  );
  const encryptedContentInfo = sequence(oid(ID_DATA), suite.contentEncryption(iv));
  const envelopedData = sequence(VERSION_0, setOf(...recipientInfos), encryptedContentInfo);
  return sequence(oid(suite.contentInfoType), element(contextTag(0, true), envelopedData));
}
