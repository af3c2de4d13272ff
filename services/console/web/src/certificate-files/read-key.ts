import { bitsOf, children, DerError, type Element, hexOf, magnitudeOf, oidOf, readElement } from './der.ts';
import { type Content, contentsOf, type Kind } from './file-kind.ts';

export interface ReadKey {
  readonly kind: Kind;
  /** Such as "PKCS#8, in PEM" or "PKCS#12 (PFX)"; for people. */
  readonly form: string;
  /** "RSA" and others; undefined where it is inside of what is encrypted. */
  readonly keyType: string | undefined;
  readonly bits: number | undefined;
  /** Hex; public, and the same as in its certificate. */
  readonly modulus: string | undefined;
  /** It takes a password; "maybe" for a PFX, of which some have an empty one. */
  readonly isEncrypted: boolean | 'maybe';
  /** How, in a word: "AES-256-CBC". */
  readonly cipher: string | undefined;
  /** Private keys in the file: more than one are refused. */
  readonly count: number;
  /** Certificates beside it. */
  readonly certificates: number;
}

const KEYS = [
  ...(['private key', 'RSA key', 'EC key', 'encrypted private key', 'encrypted PEM key', 'PFX'] as const),
  ...(['Java key store', 'SSH or PuTTY key'] as const),
] satisfies readonly Kind[];

const FORMS: Readonly<Partial<Record<Kind, string>>> = {
  'private key': 'PKCS#8',
  'RSA key': 'PKCS#1',
  'EC key': 'SEC 1',
  'encrypted private key': 'PKCS#8, encrypted',
  'encrypted PEM key': 'PEM of OpenSSL, encrypted',
  PFX: 'PKCS#12 (PFX)',
};

const ALGORITHMS: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.1': 'RSA',
  '1.2.840.113549.1.1.10': 'RSA-PSS',
  '1.2.840.10045.2.1': 'EC',
  '1.3.101.112': 'Ed25519',
  '1.3.101.110': 'X25519',
};

const CIPHERS: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.1.2': 'AES-128-CBC',
  '2.16.840.1.101.3.4.1.22': 'AES-192-CBC',
  '2.16.840.1.101.3.4.1.42': 'AES-256-CBC',
  '1.2.840.113549.3.7': 'triple DES',
  '1.2.840.113549.1.12.1.3': 'triple DES (PKCS#12)',
  '1.2.840.113549.1.12.1.6': 'RC2 (PKCS#12)',
  '1.2.840.113549.1.5.3': 'DES with MD5',
  '1.2.840.113549.1.5.10': 'DES with SHA-1',
};
const PBES2 = '1.2.840.113549.1.5.13';

/**
 * What can be seen of a private key from outside: its form, and its kind and size unless it is encrypted. What was read of the
 * file is zeroed; of the key only what is public is kept.
 */
export function readKey(file: Uint8Array): ReadKey {
  const contents = contentsOf(file);
  try {
    const keys = contents.filter(({ kind }) => KEYS.some((each) => each === kind));
    const [key] = keys;
    const certificates = contents.filter(({ kind }) => kind === 'certificate').length;
    const kind = key?.kind ?? contents[0]?.kind ?? 'nothing';
    const isPem = file[0] !== 0x30;
    const form = [FORMS[kind] ?? kind, ...(isPem && kind !== 'encrypted PEM key' ? ['in PEM'] : [])].join(
      ', ',
    );
    return { kind, form, count: keys.length, certificates, ...insideOf(key) };
  } finally {
    for (const { content } of contents) content.fill(0);
  }
}

type Inside = Pick<ReadKey, 'keyType' | 'bits' | 'modulus' | 'isEncrypted' | 'cipher'>;
const UNKNOWN: Inside = {
  ...{ keyType: undefined, bits: undefined, modulus: undefined, isEncrypted: false, cipher: undefined },
};

function insideOf(key: Content | undefined): Inside {
  try {
    switch (key?.kind) {
      case 'RSA key':
        return fromPkcs1(readElement(key.content));
      case 'private key':
        return fromPkcs8(readElement(key.content));
      case 'EC key':
        return { ...UNKNOWN, keyType: 'EC' };
      case 'PFX':
        return { ...UNKNOWN, isEncrypted: 'maybe' };
      case 'encrypted PEM key':
        return { ...UNKNOWN, isEncrypted: true, cipher: key.headers.get('dek-info')?.split(',')[0] };
      case 'encrypted private key':
        return { ...UNKNOWN, isEncrypted: true, cipher: cipherOf(readElement(key.content)) };
      default:
        return UNKNOWN;
    }
  } catch (error) {
    if (error instanceof DerError) return UNKNOWN;
    throw error;
  }
}

function fromPkcs1(key: Element): Inside {
  const modulus = magnitudeOf(children(key)[1]);
  return { ...UNKNOWN, keyType: 'RSA', bits: bitsOf(modulus), modulus: hexOf(modulus) };
}

function fromPkcs8(key: Element): Inside {
  const [, algorithm, octets] = children(key);
  const oid = oidOf(children(algorithm)[0]);
  const keyType = ALGORITHMS[oid] ?? oid;
  if (keyType !== 'RSA' || octets === undefined) return { ...UNKNOWN, keyType };
  return fromPkcs1(readElement(octets.content));
}

function cipherOf(key: Element): string | undefined {
  const [scheme, parameters] = children(children(key)[0]);
  const oid = oidOf(scheme);
  if (oid !== PBES2) return CIPHERS[oid] ?? oid;
  const cipher = oidOf(children(children(parameters)[1])[0]);
  return CIPHERS[cipher] ?? cipher;
}
