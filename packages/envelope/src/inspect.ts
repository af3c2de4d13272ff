import { distinguishedName } from '@sealtrack/certificates/distinguished-name';
import { CONTENT_CIPHERS, type ContentCipherName } from './content-ciphers.ts';
import { type EnvelopeRecipient, parseEnvelope, type RecipientId, suiteOf } from './envelope.ts';
import type { KeyTransport } from './key-transport.ts';
import type { SuiteName } from './suites.ts';

/** What people want to know of an envelope, ready for JSON. */
export interface EnvelopeDescription {
  /** Null for what others write in other ways: it opens, and cannot be imported before it is re-wrapped. */
  readonly suite: SuiteName | null;
  readonly contentEncryption: ContentCipherName;
  /** Whether the cipher has a MAC of its own. */
  readonly isAuthenticated: boolean;
  readonly iv: string;
  readonly recipients: readonly RecipientDescription[];
}

export interface RecipientDescription {
  /** One line that tells it from the others. */
  readonly name: string;
  readonly kind: RecipientId['kind'];
  /** RFC 4514 string, such as `CN=Recording,O=Example`; and the DER Name in base64. */
  readonly issuer: string | null;
  readonly issuerDer: string | null;
  /** Lower-case hex, as certificates print it. */
  readonly serialNumber: string | null;
  /** Lower-case hex. */
  readonly subjectKeyIdentifier: string | null;
  /** Null when it is not known here. */
  readonly keyEncryption: string | null;
  /** The RSA key's size; null when there is none. */
  readonly keyBits: number | null;
  /** Whether the session key can be had here with this recipient's private key. */
  readonly isSupported: boolean;
}

/** Of a detached envelope; needs no key. Throws ENVELOPE_INVALID. */
export function inspectEnvelope(derOrPem: Uint8Array | string): EnvelopeDescription {
  const envelope = parseEnvelope(derOrPem);
  return {
    suite: suiteOf(envelope) ?? null,
    contentEncryption: envelope.cipher,
    isAuthenticated: CONTENT_CIPHERS[envelope.cipher].isAuthenticated,
    iv: envelope.iv.toString('hex'),
    recipients: envelope.recipients.map(describeRecipient),
  };
}

export function describeRecipient({
  id,
  keyTransport,
  encryptedKey,
}: EnvelopeRecipient): RecipientDescription {
  return {
    ...describeId(id),
    kind: id.kind,
    keyEncryption: keyTransport === undefined ? null : describeKeyTransport(keyTransport),
    keyBits: id.kind === 'other' ? null : encryptedKey.length * 8,
    isSupported: keyTransport !== undefined,
  };
}

const NOTHING = { issuer: null, issuerDer: null, serialNumber: null, subjectKeyIdentifier: null };

function describeId(
  id: RecipientId,
): Pick<RecipientDescription, 'name' | 'issuer' | 'issuerDer' | 'serialNumber' | 'subjectKeyIdentifier'> {
  if (id.kind === 'other') return { ...NOTHING, name: 'not a certificate with an RSA key' };
  if (id.kind === 'subjectKeyIdentifier') {
    const subjectKeyIdentifier = id.keyIdentifier.toString('hex');
    return { ...NOTHING, subjectKeyIdentifier, name: `key identifier ${subjectKeyIdentifier}` };
  }
  const issuer = distinguishedName(id.issuer);
  const serialNumber = id.serial.toString('hex').replace(/^00(?=.)/, '');
  return {
    ...NOTHING,
    issuer,
    issuerDer: id.issuer.toString('base64'),
    serialNumber,
    name: `certificate of ${issuer}, serial number ${serialNumber}`,
  };
}

const describeKeyTransport = (transport: KeyTransport): string =>
  transport.name === 'RSAES-OAEP'
    ? `RSAES-OAEP with ${transport.hash.replace('sha', 'SHA-')}`
    : transport.name;
