import {
  children,
  contextTag,
  DerError,
  type Element,
  expectTag,
  readElement,
  readOnly,
  TAG,
} from './der.ts';
import { algorithmOf, oidOf } from './der-values.ts';
import { type SignatureAlgorithm, signatureAlgorithmOf } from './signature-algorithm.ts';
import { KEY_USAGES, type KeyUsage } from './x509/extensions.ts';

/** What node:crypto does not say of a certificate. */
export interface CertificateFields {
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** DER of the Name. */
  readonly subject: Buffer;
  /** Undefined when the certificate does not say: any use, then. */
  readonly keyUsage: readonly KeyUsage[] | undefined;
}

const VERSION = contextTag(0, true);
const EXTENSIONS = contextTag(3, true);
const KEY_USAGE = '2.5.29.15';

/** Throws DerError. */
export function certificateFields(der: Buffer): CertificateFields {
  const [body] = children(readOnly(der, TAG.sequence), 3);
  const all = children(expectTag(body, TAG.sequence), 10);
  const fields = all[0]?.tag === VERSION ? all.slice(1) : all;
  const [, algorithm, , , subject] = fields;
  return {
    signatureAlgorithm: signatureAlgorithmOf(algorithmOf(algorithm)),
    subject: expectTag(subject, TAG.sequence).raw,
    keyUsage: keyUsageOf(fields.find(({ tag }) => tag === EXTENSIONS)),
  };
}

function keyUsageOf(extensions: Element | undefined): KeyUsage[] | undefined {
  if (extensions === undefined) return undefined;
  for (const extension of children(readOnly(extensions.content, TAG.sequence))) {
    const [type, ...rest] = children(expectTag(extension, TAG.sequence), 3);
    if (oidOf(type) === KEY_USAGE) return bitsOf(expectTag(rest.at(-1), TAG.octetString).content);
  }
  return undefined;
}

function bitsOf(value: Buffer): KeyUsage[] {
  const { tag, content } = readElement(value);
  if (tag !== TAG.bitString) throw new DerError('has a key usage that is no BIT STRING');
  return KEY_USAGES.filter((_, bit) => ((content[1 + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0);
}
