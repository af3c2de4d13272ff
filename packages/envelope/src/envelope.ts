import { children, contextTag, DerError, type Element, expectTag, TAG } from '@sealtrack/certificates/der';
import { GCM_MAC_SIZE } from './ciphers/gcm.ts';
import type { ContentCipherName } from './content-ciphers.ts';
import { parseContentEncryption } from './content-encryption.ts';
import { readStructure } from './envelope-structure.ts';
import { envelopeInvalid } from './failures.ts';
import { encodeKeyTransport, type KeyTransport, parseKeyTransport } from './key-transport.ts';
import { isPem, pkcs7FromPem } from './pkcs7-pem.ts';
import { SUITES, type SuiteName } from './suites.ts';

/** A session key waiting for one of its recipients. Nothing in it is authenticated by itself: see envelope-mac.ts. */
export interface Envelope {
  /** The whole of it, as it was written: detached, without the ciphertext. */
  readonly der: Buffer;
  readonly cipher: ContentCipherName;
  readonly iv: Buffer;
  /** Those that cannot be served are listed too. */
  readonly recipients: readonly EnvelopeRecipient[];
  /** 16 bytes over the ciphertext, in AuthEnvelopedData. */
  readonly mac: Buffer | undefined;
  /** What `mac` covers beside the ciphertext: authAttrs as a SET OF in DER (RFC 5083, 2.2). */
  readonly authAttributes: Buffer | undefined;
}

export interface EnvelopeRecipient {
  readonly id: RecipientId;
  /** Undefined when the key is encrypted in a way that is not known here. */
  readonly keyTransport: KeyTransport | undefined;
  readonly encryptedKey: Buffer;
}

/** Which certificate a recipient has (RFC 5652, 6.2.1). */
export type RecipientId =
  | {
      readonly kind: 'issuerAndSerialNumber';
      /** As its sender wrote it; of that, the DER Name and the INTEGER's bytes. */
      readonly der: Buffer;
      readonly issuer: Buffer;
      readonly serial: Buffer;
    }
  | { readonly kind: 'subjectKeyIdentifier'; readonly keyIdentifier: Buffer }
  /** Not a certificate with an RSA key: a shared key, a password, a key agreement. */
  | { readonly kind: 'other' };

/** 256 recipients with keys of 8192 bits take 300 KiB. */
const MAX_SIZE = 1024 * 1024;

/**
 * A detached PKCS#7 or CMS ContentInfo in DER, BER or PEM. Throws ENVELOPE_INVALID, also for one that holds its
 * ciphertext: unsplice.ts takes it out, whatever its size.
 */
export function parseEnvelope(derOrPem: Uint8Array | string): Envelope {
  if (derOrPem.length > MAX_SIZE) throw envelopeInvalid('The envelope is larger than 1 MiB');
  const bytes = typeof derOrPem === 'string' ? Buffer.from(derOrPem, 'latin1') : Buffer.from(derOrPem);
  try {
    return toEnvelope(isPem(bytes) ? pkcs7FromPem(bytes) : bytes);
  } catch (cause) {
    const why = cause instanceof DerError ? cause.message : 'cannot be read';
    throw envelopeInvalid(`The envelope ${why}`, cause);
  }
}

/** The suite that the envelope is wholly of; undefined for what others write in other ways. */
export function suiteOf({ cipher, recipients }: Envelope): SuiteName | undefined {
  const suite = Object.values(SUITES).find((each) => each.cipher.name === cipher);
  const wanted = suite && encodeKeyTransport(suite.keyTransport);
  const isWhole = recipients.every(
    ({ keyTransport }) => keyTransport && wanted?.equals(encodeKeyTransport(keyTransport)),
  );
  return isWhole ? suite?.name : undefined;
}

function toEnvelope(der: Buffer): Envelope {
  const structure = readStructure(der);
  const { isAuthenticated, mac } = structure;
  const { cipher, iv } = parseContentEncryption(structure.contentEncryption, isAuthenticated);
  if (mac !== undefined && mac.content.length !== GCM_MAC_SIZE) {
    throw new DerError('has a MAC of another length than 16 bytes');
  }
  const recipients = structure.recipientInfos.map(readRecipient);
  if (recipients.length === 0) throw new DerError('has no recipient');
  return {
    der,
    cipher: cipher.name,
    iv,
    recipients,
    mac: mac?.content,
    authAttributes: asSet(structure.authAttributes),
  };
}

const asSet = (attributes: Element | undefined): Buffer | undefined =>
  attributes && Buffer.concat([Buffer.of(TAG.set), attributes.raw.subarray(1)]);

const OTHER: EnvelopeRecipient = {
  id: { kind: 'other' },
  keyTransport: undefined,
  encryptedKey: Buffer.alloc(0),
};

/** KeyTransRecipientInfo (RFC 5652, 6.2.1). Of the other kinds, each has another tag or version. */
function readRecipient(info: Element): EnvelopeRecipient {
  if (info.tag !== TAG.sequence) return OTHER;
  const [version, id, algorithm, key, ...others] = children(info, 5);
  const recipient = readId(expectTag(version, TAG.integer).content, id);
  if (recipient === undefined || algorithm === undefined || others.length > 0) return OTHER;
  return {
    id: recipient,
    keyTransport: parseKeyTransport(algorithm),
    encryptedKey: expectTag(key, TAG.octetString).content,
  };
}

/** The version says which of the two it is: 0 and 2. */
function readId(version: Buffer, id: Element | undefined): RecipientId | undefined {
  if (version.equals(Buffer.of(2)) && id?.tag === contextTag(0)) {
    return { kind: 'subjectKeyIdentifier', keyIdentifier: id.content };
  }
  if (!version.equals(Buffer.of(0)) || id?.tag !== TAG.sequence) return undefined;
  const [issuer, serial, ...more] = children(id, 3);
  if (more.length > 0) throw new DerError('has a malformed recipient');
  return {
    kind: 'issuerAndSerialNumber',
    der: id.raw,
    issuer: expectTag(issuer, TAG.sequence).raw,
    serial: expectTag(serial, TAG.integer).content,
  };
}
