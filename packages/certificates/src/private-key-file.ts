import { createPrivateKey, createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { type CertificateInfo, keyIdOf, type StrengthOptions, toX509 } from './certificate.ts';
import { arrange, certificateOf, certificatesAmong } from './certificate-file.ts';
import { children, DerError, readOnly, TAG } from './der.ts';
import { algorithmOf, octetsOf } from './der-values.ts';
import { type Content, contentsOf, type Kind, MAX_FILE_SIZE } from './file-contents.ts';
import { keyInvalid, passwordMissing, passwordWrong } from './key-file-errors.ts';
import { decrypt, schemeOf } from './password-based/decrypt.ts';
import { passwordOf } from './password-based/password.ts';
import { pemEncryption } from './password-based/pem-encryption.ts';
import type { Scheme } from './password-based/scheme.ts';
import { createWorkLimit } from './password-based/work-limit.ts';
import { openPkcs12 } from './pkcs12/open-pkcs12.ts';
import { checkPrivateKey } from './private-key.ts';
import { noPrivateKey } from './wrong-file.ts';

export interface PrivateKeyFile {
  readonly privateKey: KeyObject;
  /** Its certificate, when that is in the file. */
  readonly leaf: CertificateInfo | undefined;
  /** DER of the other certificates in the file. Whether they issued the leaf is not looked at. */
  readonly chain: readonly Buffer[];
}

const KEYS: ReadonlySet<Kind> = new Set([
  ...(['RSA key', 'private key', 'EC key', 'DSA key', 'SSH private key', 'PuTTY key'] as const),
  ...(['encrypted private key', 'encrypted PEM key', 'PKCS#12'] as const),
]);

/**
 * The one RSA private key of a file, and the certificates beside it: PKCS#1, PKCS#8 or PKCS#12, in PEM or DER, plain or
 * encrypted in any way that customers' files are (docs/adr/0010-key-files.md). An empty password is none. Deriving keys leaves
 * the event loop to others. The caller zeroes `file` and `password`. Throws PRIVATE_KEY_INVALID,
 * PRIVATE_KEY_PASSWORD_MISSING, PRIVATE_KEY_PASSWORD_WRONG, and CERTIFICATE_WEAK for a certificate in it.
 */
export async function readPrivateKeyFile(
  file: Uint8Array,
  password?: Uint8Array,
  options: StrengthOptions = {},
): Promise<PrivateKeyFile> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length > MAX_FILE_SIZE) throw keyInvalid('The private key file is larger than 256 KiB');
  const contents = contentsOf(bytes);
  try {
    const [found, ...others] = contents.filter(({ kind }) => KEYS.has(kind));
    if (found === undefined) throw noPrivateKey(contents[0]?.kind ?? 'unknown');
    if (others.length > 0) throw severalKeys(others.length + 1);
    const { key, certificates } = await openContent(found, password);
    const privateKey = checkPrivateKey(key, options);
    return { privateKey, ...sort([...certificates, ...certificatesAmong(contents)], privateKey, options) };
  } catch (error) {
    if (error instanceof DerError) throw keyInvalid('The private key file is damaged', undefined, error);
    throw error;
  } finally {
    for (const { content } of contents) content.fill(0);
  }
}

interface Opened {
  readonly key: KeyObject;
  readonly certificates: readonly Buffer[];
}

async function openContent(content: Content, password: Uint8Array | undefined): Promise<Opened> {
  switch (content.kind) {
    case 'PKCS#12':
      return fromPkcs12(content.content, password);
    case 'RSA key':
      return { key: toKey(content.content, 'pkcs1'), certificates: [] };
    case 'private key':
      return { key: toKey(content.content, 'pkcs8'), certificates: [] };
    case 'encrypted PEM key':
      return fromEncrypted(pemEncryption(content), content.content, password);
    case 'encrypted private key': {
      // EncryptedPrivateKeyInfo (RFC 5958, 3).
      const [algorithm, ciphertext] = children(readOnly(content.content, TAG.sequence), 2);
      return fromEncrypted(schemeOf(algorithmOf(algorithm)), octetsOf(ciphertext), password);
    }
    default:
      throw noPrivateKey(content.kind);
  }
}

async function fromEncrypted(
  scheme: Scheme,
  ciphertext: Buffer,
  given: Uint8Array | undefined,
): Promise<Opened> {
  if (given === undefined || given.length === 0) throw passwordMissing();
  const password = passwordOf(given);
  let plaintext: Buffer | undefined;
  try {
    plaintext = await decrypt(scheme, ciphertext, password, createWorkLimit());
    if (plaintext === undefined) throw passwordWrong();
    // What is encrypted in a PEM file may be of either kind.
    const [, second] = children(readOnly(plaintext, TAG.sequence));
    return { key: toKey(plaintext, second?.tag === TAG.sequence ? 'pkcs8' : 'pkcs1'), certificates: [] };
  } finally {
    plaintext?.fill(0);
    password.wipe();
  }
}

async function fromPkcs12(der: Buffer, password: Uint8Array | undefined): Promise<Opened> {
  const { keys, certificates } = await openPkcs12(der, password);
  try {
    // One that is there twice is still one.
    const found = new Map(keys.map((key) => toKey(key, 'pkcs8')).map((key) => [idOf(key), key]));
    const [key, ...others] = found.values();
    if (key === undefined)
      throw keyInvalid(
        'The PKCS#12 file opens, and holds no private key',
        'Export the certificate again together with its private key.',
      );
    if (others.length > 0) throw severalKeys(others.length + 1);
    return { key, certificates };
  } finally {
    for (const key of keys) key.fill(0);
  }
}

const idOf = (key: KeyObject): string => keyIdOf(createPublicKey(key));

/** Bytes: three times what a key of 8192 bits takes. What is in longer ones would be computed with. */
const MAX_KEY_SIZE = 16 * 1024;

function toKey(der: Buffer, type: 'pkcs1' | 'pkcs8'): KeyObject {
  if (der.length > MAX_KEY_SIZE) throw keyInvalid('The private key is longer than any RSA key in use');
  try {
    return createPrivateKey({ key: der, format: 'der', type });
  } catch (cause) {
    throw keyInvalid(
      'The private key cannot be read: it is damaged, or of an unknown kind',
      undefined,
      cause,
    );
  }
}

/** Certificates that cannot be read are no certificates of this key. */
function sort(
  found: readonly Buffer[],
  privateKey: KeyObject,
  strength: StrengthOptions,
): Pick<PrivateKeyFile, 'leaf' | 'chain'> {
  const certificates = found.flatMap(tryX509);
  if (certificateOf(privateKey, certificates) !== undefined)
    return arrange(certificates, { ...strength, privateKey });
  return { leaf: undefined, chain: certificates.map(({ raw }) => raw) };
}

function tryX509(der: Buffer): X509Certificate[] {
  try {
    return [toX509(der)];
  } catch {
    return [];
  }
}

const severalKeys = (count: number) =>
  keyInvalid(
    `The file holds ${count} private keys`,
    'Give a file with one of them: keytool -importkeystore with -srcalias takes one out of a key store.',
  );
