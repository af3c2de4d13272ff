import {
  bitsOf,
  children,
  contextTag,
  DerError,
  type Element,
  expectTag,
  hexOf,
  magnitudeOf,
  oidOf,
  readElement,
  TAG,
  timeOf,
} from './der.ts';
import { distinguishedName, subjectNameOf } from './distinguished-name.ts';
import { contentsOf, type Kind } from './file-kind.ts';
import { SIGNATURES } from './signatures.ts';

export interface ReadCertificate {
  readonly der: Uint8Array;
  readonly subject: string;
  readonly issuer: string;
  readonly subjectName: string;
  /** Lower-case hex. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly signatureAlgorithm: string;
  /** "RSA", or what it is instead. */
  readonly keyType: string;
  /** Of an RSA key; 0 of others. */
  readonly keyBits: number;
  /** Hex of an RSA key's modulus, which its private key has too. */
  readonly modulus: string;
}

export interface ReadCertificates {
  /** The one that is meant; undefined where that cannot be told here. */
  readonly leaf: ReadCertificate | undefined;
  readonly others: readonly ReadCertificate[];
  /** There is a private key in the file too. */
  readonly hasKey: boolean;
  /** What the file is, where no certificate is in it. */
  readonly kind: Kind;
}

const RSA = '1.2.840.113549.1.1.1';
const KEY_TYPES: Readonly<Record<string, string>> = {
  [RSA]: 'RSA',
  '1.2.840.10045.2.1': 'EC',
  '1.2.840.10040.4.1': 'DSA',
  '1.3.101.112': 'Ed25519',
  '1.2.840.113549.1.1.10': 'RSA-PSS, which only signs',
};
const KEYS: readonly Kind[] = [
  'private key',
  'RSA key',
  'EC key',
  'encrypted private key',
  'encrypted PEM key',
];

/** What is in a file of certificates: PEM, DER or PKCS#7. Nothing of it is judged. Throws DerError for what is damaged. */
export function readCertificates(file: Uint8Array): ReadCertificates {
  const contents = contentsOf(file);
  try {
    const found = contents.flatMap(({ kind, content }) => {
      if (kind === 'certificate') return [readCertificate(content.slice())];
      return kind === 'certificates' ? fromPkcs7(content).map(readCertificate) : [];
    });
    const each = [...new Map(found.map((one) => [hexOf(one.der), one])).values()];
    const leaves = each.filter((one) => !each.some((other) => other !== one && other.issuer === one.subject));
    const leaf = leaves.length === 1 ? leaves[0] : undefined;
    return {
      leaf,
      others: each.filter((one) => one !== leaf),
      hasKey: contents.some(({ kind }) => KEYS.includes(kind)),
      kind: each.length > 0 ? 'certificate' : (contents[0]?.kind ?? 'nothing'),
    };
  } finally {
    for (const { content } of contents) content.fill(0);
  }
}

/** Those in a SignedData (RFC 5652, 5.1), which is how Windows exports a certificate with its chain. */
function fromPkcs7(der: Uint8Array): Uint8Array[] {
  const [, content] = children(readElement(der));
  const [signedData] = children(content);
  const certificates = children(signedData).find(({ tag }) => tag === contextTag(0));
  const found = certificates === undefined ? [] : children(certificates);
  return found.filter(({ tag }) => tag === TAG.sequence).map(({ raw }) => raw.slice());
}

/** Throws DerError. */
export function readCertificate(der: Uint8Array): ReadCertificate {
  const [body, algorithm] = children(expectTag(readElement(der), TAG.sequence));
  const all = children(body);
  const [serial, , issuer, validity, subject, keyInfo] = all[0]?.tag === contextTag(0) ? all.slice(1) : all;
  const [notBefore, notAfter] = children(validity);
  if (issuer === undefined || subject === undefined) throw new DerError('lacks its names');
  const signature = oidOf(children(algorithm)[0]);
  return {
    der,
    subject: distinguishedName(subject),
    issuer: distinguishedName(issuer),
    subjectName: subjectNameOf(subject),
    serialNumber: hexOf(magnitudeOf(serial)),
    notBefore: timeOf(notBefore),
    notAfter: timeOf(notAfter),
    signatureAlgorithm: SIGNATURES[signature] ?? signature,
    ...keyOf(keyInfo),
  };
}

function keyOf(keyInfo: Element | undefined): Pick<ReadCertificate, 'keyType' | 'keyBits' | 'modulus'> {
  const [algorithm, bits] = children(keyInfo);
  const oid = oidOf(children(algorithm)[0]);
  const keyType = KEY_TYPES[oid] ?? oid;
  if (oid !== RSA) return { keyType, keyBits: 0, modulus: '' };
  // The first byte says how many bits of the last one are none.
  const key = readElement(expectTag(bits, TAG.bitString).content.subarray(1));
  const modulus = magnitudeOf(children(key)[0]);
  return { keyType, keyBits: bitsOf(modulus), modulus: hexOf(modulus) };
}
