import { children, contextTag, DerError, type Element, magnitudeOf, oidOf, readElement, TAG } from './der.ts';
import { type PemBlock, pemBlocks } from './pem.ts';

/** What people choose as a certificate or a private key, meaning it or by mistake. */
export type Kind =
  | 'certificate'
  | 'certificates'
  | 'certificate request'
  | 'public key'
  | 'private key'
  | 'RSA key'
  | 'EC key'
  | 'encrypted private key'
  | 'encrypted PEM key'
  | 'PFX'
  | 'Java key store'
  | 'SSH or PuTTY key'
  | 'recording'
  | 'nothing'
  | 'something unknown';

export interface Content extends Omit<PemBlock, 'label'> {
  readonly kind: Kind;
}

const LABELS: Readonly<Record<string, Kind>> = {
  CERTIFICATE: 'certificate',
  'X509 CERTIFICATE': 'certificate',
  'TRUSTED CERTIFICATE': 'certificate',
  PKCS7: 'certificates',
  'CERTIFICATE REQUEST': 'certificate request',
  'NEW CERTIFICATE REQUEST': 'certificate request',
  'PUBLIC KEY': 'public key',
  'PRIVATE KEY': 'private key',
  'RSA PRIVATE KEY': 'RSA key',
  'EC PRIVATE KEY': 'EC key',
  'ENCRYPTED PRIVATE KEY': 'encrypted private key',
  PKCS12: 'PFX',
  'OPENSSH PRIVATE KEY': 'SSH or PuTTY key',
};

/** What is in a file, in order. Every content is in memory of its own, for its reader to zero. */
export function contentsOf(file: Uint8Array): Content[] {
  if (file.length === 0) return [only('nothing')];
  const [first, second] = file;
  if (first === TAG.sequence) return [toContent('something unknown', new Map(), file.slice())];
  if ((first === 0xfe && second === 0xed) || (first === 0xce && second === 0xce))
    return [only('Java key store')];
  const text = fromUtf16(file);
  if (startsWith(text, 'PuTTY-User-Key-File') || startsWith(text, 'ssh-')) return [only('SSH or PuTTY key')];
  if (startsWith(text, 'RIFF')) return [only('recording')];
  const contents = pemBlocks(text).map(({ label, headers, content }) =>
    headers.get('proc-type')?.endsWith('ENCRYPTED') === true
      ? { kind: 'encrypted PEM key' as const, headers, content }
      : toContent(LABELS[label] ?? 'something unknown', headers, content),
  );
  if (text !== file) text.fill(0);
  return contents.length > 0 ? contents : [only('something unknown')];
}

const only = (kind: Kind): Content => ({ kind, headers: new Map(), content: new Uint8Array() });

const startsWith = (bytes: Uint8Array, text: string): boolean =>
  [...text].every((character, i) => bytes[i] === character.charCodeAt(0));

/** Windows writes text with two bytes a character when it is told nothing else. */
function fromUtf16(file: Uint8Array): Uint8Array {
  const isLittle = file[0] === 0xff && file[1] === 0xfe;
  const isBig = file[0] === 0xfe && file[1] === 0xff;
  return isLittle || isBig ? file.filter((_, i) => i >= 2 && i % 2 === (isLittle ? 0 : 1)) : file;
}

function toContent(promised: Kind, headers: Content['headers'], bytes: Uint8Array<ArrayBuffer>): Content {
  try {
    const whole = readElement(bytes);
    const content = bytes.subarray(0, whole.raw.length);
    return { kind: kindOfDer(whole) ?? promised, headers, content };
  } catch (error) {
    if (error instanceof DerError) return { kind: promised, headers, content: bytes };
    throw error;
  }
}

/** By its shape; undefined when it has none of these. Throws DerError. */
function kindOfDer(whole: Element): Kind | undefined {
  if (whole.tag !== TAG.sequence) return undefined;
  const [first, second, third] = children(whole);
  if (first?.tag === TAG.oid) return oidOf(first) === '1.2.840.113549.1.7.2' ? 'certificates' : 'recording';
  if (first?.tag === TAG.integer) {
    if (second?.tag === TAG.octetString) return 'EC key';
    if (second?.tag === TAG.sequence) return magnitudeOf(first)[0] === 3 ? 'PFX' : 'private key';
    return second?.tag === TAG.integer && third?.tag === TAG.integer ? 'RSA key' : undefined;
  }
  if (first?.tag !== TAG.sequence) return undefined;
  if (second?.tag === TAG.octetString) return 'encrypted private key';
  if (second?.tag === TAG.bitString) return 'public key';
  if (second?.tag !== TAG.sequence || third?.tag !== TAG.bitString) return undefined;
  // A request has its subject's key where a certificate has its validity.
  const [version, , , validity] = children(first);
  const isVersioned = version?.tag === contextTag(0);
  return isVersioned || validity?.tag === TAG.sequence ? 'certificate' : 'certificate request';
}
