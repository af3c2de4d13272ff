import { parseEnvelope } from './envelope.ts';
import type { SuiteName } from './suites/suite.ts';

/** What people want to know of an envelope, ready for JSON. */
export interface EnvelopeDescription {
  readonly suite: SuiteName;
  readonly contentEncryption: string;
  readonly iv: string;
  /** Bytes; null in a detached envelope. */
  readonly attachedContent: number | null;
  readonly recipients: readonly {
    /** Lower-case hex, as certificates print it. */
    readonly serialNumber: string;
    /** Base64 of the DER Name. */
    readonly issuer: string;
    readonly keyEncryption: string;
    /** The RSA key's size. */
    readonly keyBits: number;
  }[];
}

const NAMES = { pkcs7: { content: 'AES-256-CBC', key: 'RSAES-PKCS1-v1_5' } } as const;

/** Needs no key. Throws ENVELOPE_INVALID. */
export function inspectEnvelope(derOrPem: Uint8Array | string): EnvelopeDescription {
  const { suite, iv, recipients, content } = parseEnvelope(derOrPem);
  return {
    suite,
    contentEncryption: NAMES[suite].content,
    iv: iv.toString('hex'),
    attachedContent: content?.length ?? null,
    recipients: recipients.map(({ issuer, serial, encryptedKey }) => ({
      serialNumber: serial.toString('hex').replace(/^00(?=.)/, ''),
      issuer: issuer.toString('base64'),
      keyEncryption: NAMES[suite].key,
      keyBits: encryptedKey.length * 8,
    })),
  };
}
