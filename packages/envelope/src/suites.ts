import { CONTENT_CIPHERS, type ContentCipher } from './content-ciphers.ts';
import { type KeyTransport, OAEP_SHA256, PKCS1_V1_5 } from './key-transport.ts';

/** What an IVR profile can ask for. A name stands for everything in its suite, so a suite never changes. */
export type SuiteName = 'pkcs7' | 'cms';

export interface Suite {
  readonly name: SuiteName;
  readonly cipher: ContentCipher;
  readonly keyTransport: KeyTransport;
}

export const SUITES: Readonly<Record<SuiteName, Suite>> = {
  /** EnvelopedData: what Genesys and S/MIME tools read. */
  pkcs7: { name: 'pkcs7', cipher: CONTENT_CIPHERS['AES-256-CBC'], keyTransport: PKCS1_V1_5 },
  /** AuthEnvelopedData (RFC 5083). */
  cms: { name: 'cms', cipher: CONTENT_CIPHERS['AES-256-GCM'], keyTransport: OAEP_SHA256 },
};

export const SUITE_NAMES = Object.keys(SUITES) as readonly SuiteName[];

export const isSuiteName = (text: string): text is SuiteName => Object.hasOwn(SUITES, text);
