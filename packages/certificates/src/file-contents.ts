import { children, contextTag, DerError, type Element, readElement, TAG } from './der.ts';
import { numberOf, oidOf } from './der-values.ts';
import { isEncryptedPem } from './password-based/pem-encryption.ts';
import { type PemBlock, pemBlocks } from './pem.ts';

/** What people hand over as a certificate or a private key, meaning it or by mistake. */
export type Kind =
  | 'certificate'
  | 'certificates'
  | 'revocation list'
  | 'certificate request'
  | 'public key'
  | 'RSA key'
  | 'private key'
  | 'EC key'
  | 'DSA key'
  | 'encrypted private key'
  | 'encrypted PEM key'
  | 'PKCS#12'
  | 'Java key store'
  | 'SSH private key'
  | 'SSH public key'
  | 'PuTTY key'
  | 'PGP'
  | 'recording'
  | 'parameters'
  | 'empty'
  | 'damaged'
  | 'unknown';

export interface Content extends Omit<PemBlock, 'label'> {
  readonly kind: Kind;
}

/** Far over any real file: a key store with a chain has some ten thousand bytes. */
export const MAX_FILE_SIZE = 256 * 1024;

/**
 * What is in a file, in order: its PEM blocks, or the one DER structure that it is. It may be of any size. Every `content` is
 * in memory of its own, which the caller zeroes when it may be secret. Never empty.
 */
export function contentsOf(file: Buffer): Content[] {
  if (file.length === 0) return [only('empty')];
  const kind = kindOfBeginning(file);
  if (kind !== undefined) return [only(kind)];
  if (isDer(file)) return [ofKind('damaged', new Map(), Buffer.from(file))];
  const text = fromUtf16(file);
  const contents = pemBlocks(text).map(toContent);
  if (text !== file) text.fill(0);
  return contents.length > 0 ? contents : [only('unknown')];
}

const only = (kind: Kind): Content => ({ kind, headers: new Map(), content: Buffer.alloc(0) });

/**
 * A text that began with a "0" would have another character after it, not the length of a long structure; and a short one, as
 * an EC key may be, is as long as it says.
 */
const isDer = (file: Buffer): boolean => {
  const size = file[1] ?? 0;
  return file[0] === TAG.sequence && (size >= 0x80 || file.length === 2 + size);
};

const BEGINNINGS: readonly (readonly [bytes: Buffer, kind: Kind])[] = [
  [Buffer.from('feedfeed', 'hex'), 'Java key store'],
  [Buffer.from('cececece', 'hex'), 'Java key store'],
  [Buffer.from('ssh-'), 'SSH public key'],
  [Buffer.from('ecdsa-sha2-'), 'SSH public key'],
  [Buffer.from('---- BEGIN SSH2 '), 'SSH public key'],
  [Buffer.from('PuTTY-User-Key-File-'), 'PuTTY key'],
  [Buffer.from('RIFF'), 'recording'],
];

const kindOfBeginning = (file: Buffer): Kind | undefined =>
  BEGINNINGS.find(([bytes]) => bytes.equals(file.subarray(0, bytes.length)))?.[1];

/** Windows writes text with two bytes a character, when it is told nothing else; what it writes here is ASCII. */
function fromUtf16(file: Buffer): Buffer {
  const mark = file.length >= 2 ? file.readUInt16BE(0) : 0;
  if (mark !== 0xfffe && mark !== 0xfeff) return file;
  const text = Buffer.alloc(file.length >> 1);
  const first = mark === 0xfffe ? 0 : 1;
  for (let i = 0; i < text.length; i++) text[i] = file[2 * i + first] ?? 0;
  return text;
}

/** What a label promises, when what is in it cannot be told. */
const LABELS = {
  CERTIFICATE: 'certificate',
  'X509 CERTIFICATE': 'certificate',
  'TRUSTED CERTIFICATE': 'certificate',
  'X509 CRL': 'revocation list',
  'CERTIFICATE REQUEST': 'certificate request',
  'NEW CERTIFICATE REQUEST': 'certificate request',
  'PUBLIC KEY': 'public key',
  'RSA PUBLIC KEY': 'public key',
  'RSA PRIVATE KEY': 'RSA key',
  'PRIVATE KEY': 'private key',
  'ENCRYPTED PRIVATE KEY': 'encrypted private key',
  'EC PRIVATE KEY': 'EC key',
  'DSA PRIVATE KEY': 'DSA key',
  'EC PARAMETERS': 'parameters',
  'DH PARAMETERS': 'parameters',
  'X9.42 DH PARAMETERS': 'parameters',
  'DSA PARAMETERS': 'parameters',
  PKCS12: 'PKCS#12',
  PKCS7: 'recording',
  CMS: 'recording',
  'OPENSSH PRIVATE KEY': 'SSH private key',
  'SSH2 PUBLIC KEY': 'SSH public key',
} as const satisfies Record<string, Kind>;

function kindOfLabel(label: string): Kind {
  if (Object.hasOwn(LABELS, label)) return LABELS[label as keyof typeof LABELS];
  return label.startsWith('PGP ') ? 'PGP' : 'unknown';
}

function toContent({ label, headers, content }: PemBlock): Content {
  if (isEncryptedPem({ headers })) {
    const isOther = label === 'EC PRIVATE KEY' || label === 'DSA PRIVATE KEY';
    return { kind: isOther ? kindOfLabel(label) : 'encrypted PEM key', headers, content };
  }
  return ofKind(kindOfLabel(label), headers, content);
}

/** Without what follows the structure: a line end, or what OpenSSL adds to a TRUSTED CERTIFICATE. */
function ofKind(promised: Kind, headers: Content['headers'], bytes: Buffer): Content {
  try {
    const whole = readElement(bytes);
    return { kind: kindOfDer(whole) ?? promised, headers, content: whole.raw };
  } catch (error) {
    if (error instanceof DerError) return { kind: promised, headers, content: bytes };
    throw error;
  }
}

/** By its shape; undefined when it has none of these. */
function kindOfDer(whole: Element): Kind | undefined {
  try {
    const [first, second, third, fourth] = partsOf(whole);
    if (first?.tag === TAG.sequence) return kindOfSigned(first, second, third);
    if (first?.tag === TAG.oid) return kindOfMessage(oidOf(first));
    if (first?.tag !== TAG.integer) return undefined;
    if (second?.tag === TAG.octetString) return 'EC key';
    if (second?.tag === TAG.sequence) return numberOf(first) === 3 ? 'PKCS#12' : 'private key';
    if (second?.tag !== TAG.integer) return undefined;
    if (third === undefined) return 'public key';
    return fourth !== undefined && partsOf(whole).length >= 9 ? 'RSA key' : 'DSA key';
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

const partsOf = (found: Element | undefined): Element[] =>
  found?.tag === TAG.sequence ? children(found, 1000) : [];

/** A certificate, a request for one or a list of revoked ones, all of which end with a signature; or a key with its algorithm. */
function kindOfSigned(
  body: Element,
  second: Element | undefined,
  third: Element | undefined,
): Kind | undefined {
  if (second?.tag === TAG.bitString) return 'public key';
  if (second?.tag === TAG.octetString || second?.tag === (TAG.octetString | 0x20))
    return 'encrypted private key';
  if (second?.tag !== TAG.sequence || third?.tag !== TAG.bitString) return undefined;
  const fields = partsOf(body);
  const [version, ...rest] = fields;
  if (version?.tag === contextTag(0, true)) return 'certificate';
  const [algorithm, name, validity] = version?.tag === TAG.integer ? rest : fields;
  if (name?.tag !== TAG.sequence || algorithm?.tag !== TAG.sequence) return undefined;
  // After its subject a request has the key, in whose place the others have the issuer.
  if (partsOf(name)[1]?.tag === TAG.bitString) return 'certificate request';
  return validity?.tag === TAG.sequence ? 'certificate' : 'revocation list';
}

const kindOfMessage = (type: string): Kind =>
  type === '1.2.840.113549.1.7.2' ? 'certificates' : 'recording';
