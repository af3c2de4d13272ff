import { children, contextTag, DerError, type Element, expectTag, TAG } from '@sealtrack/certificates/der';
import { type EnvelopeStructure, readStructure } from './envelope-structure.ts';
import { envelopeInvalid } from './failures.ts';
import { isPem, pkcs7FromPem } from './pkcs7-pem.ts';
import type { SuiteName } from './suites/suite.ts';

/** A session key waiting for one of its recipients. Nothing in it is authenticated; the segment tags are. */
export interface Envelope {
  readonly suite: SuiteName;
  readonly iv: Buffer;
  readonly recipients: readonly EnvelopeRecipient[];
  /** The ciphertext, when it came in the same file. */
  readonly content: Buffer | undefined;
}

export interface EnvelopeRecipient {
  /** IssuerAndSerialNumber as its sender wrote it. */
  readonly issuerAndSerial: Buffer;
  /** DER Name, and the INTEGER's bytes. */
  readonly issuer: Buffer;
  readonly serial: Buffer;
  readonly encryptedKey: Buffer;
}

/** A detached envelope is a few KiB; an attached one is for small files, since it is held in memory. */
const MAX_SIZE = 16 * 1024 * 1024;

/**
 * A PKCS#7 ContentInfo in DER, BER or PEM. Recipients that are not named by issuer and serial number, or whose key
 * is encrypted in another way than the suite's, are left out. Throws ENVELOPE_INVALID.
 */
export function parseEnvelope(derOrPem: Uint8Array | string): Envelope {
  if (derOrPem.length > MAX_SIZE) throw envelopeInvalid('The envelope is larger than 16 MiB');
  const bytes = typeof derOrPem === 'string' ? Buffer.from(derOrPem, 'latin1') : Buffer.from(derOrPem);
  try {
    return toEnvelope(readStructure(isPem(bytes) ? pkcs7FromPem(bytes) : bytes));
  } catch (cause) {
    const why = cause instanceof DerError ? cause.message : 'cannot be read';
    throw envelopeInvalid(`The envelope ${why}`, cause);
  }
}

function toEnvelope(structure: EnvelopeStructure): Envelope {
  const { suite, contentEncryption, encryptedContent } = structure;
  const [, ivElement] = children(contentEncryption, 2);
  const iv = expectTag(ivElement, TAG.octetString).content;
  if (iv.length !== suite.ivSize || !contentEncryption.raw.equals(suite.contentEncryption(iv))) {
    throw new DerError(`is encrypted with another cipher than suite ${suite.name} has`);
  }
  const recipients = structure.recipientInfos
    .map((info) => readRecipient(info, suite.keyTransport))
    .filter((recipient) => recipient !== undefined);
  if (recipients.length === 0) throw new DerError('has no recipient with an RSA key');
  return {
    suite: suite.name,
    iv,
    recipients,
    content: encryptedContent === undefined ? undefined : joinContent(encryptedContent),
  };
}

/** KeyTransRecipientInfo (RFC 5652, 6.2.1). Of the other kinds, each has another tag or version. */
function readRecipient(info: Element, keyTransport: Buffer): EnvelopeRecipient | undefined {
  if (info.tag !== TAG.sequence) return undefined;
  const [version, id, algorithm, key, ...others] = children(info, 5);
  expectTag(version, TAG.integer);
  if (id?.tag !== TAG.sequence) return undefined;
  const encryptedKey = expectTag(key, TAG.octetString).content;
  const [issuer, serial, ...more] = children(id, 3);
  const isPlain = algorithm !== undefined && sameAlgorithm(algorithm, keyTransport);
  if (others.length > 0 || more.length > 0 || !isPlain) return undefined;
  return {
    issuerAndSerial: id.raw,
    issuer: expectTag(issuer, TAG.sequence).raw,
    serial: expectTag(serial, TAG.integer).content,
    encryptedKey,
  };
}

/** Some senders leave the NULL parameters of rsaEncryption out (RFC 4055, 1.2 wants them accepted). */
function sameAlgorithm(found: Element, wanted: Buffer): boolean {
  const [type, parameters, ...others] = children(expectTag(found, TAG.sequence), 3);
  if (found.raw.equals(wanted)) return true;
  return parameters === undefined && others.length === 0 && type !== undefined && wanted.includes(type.raw);
}

/** BER lets an OCTET STRING come in pieces, as streaming writers make them. */
function joinContent(content: Element): Buffer {
  if (content.tag === contextTag(0)) return content.content;
  return Buffer.concat(children(content, 1_000_000).map((part) => expectTag(part, TAG.octetString).content));
}
