import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { keyIdOf } from './certificate.ts';
import { children, readOnly, TAG } from './der.ts';
import { algorithmOf, octetsOf } from './der-values.ts';
import type { Content, Kind } from './file-contents.ts';
import { keyInvalid, passwordMissing, passwordWrong } from './key-file-errors.ts';
import { decrypt, schemeOf } from './password-based/decrypt.ts';
import { passwordOf } from './password-based/password.ts';
import { isEncryptedPem, pemEncryption } from './password-based/pem-encryption.ts';
import type { Scheme } from './password-based/scheme.ts';
import { createWorkLimit } from './password-based/work-limit.ts';
import { openPkcs12 } from './pkcs12/open-pkcs12.ts';
import { noPrivateKey } from './wrong-file.ts';

/** What may be a private key, whether it can be read here or only be named. */
export const KEYS: ReadonlySet<Kind> = new Set([
  ...(['RSA key', 'private key', 'EC key', 'DSA key', 'SSH private key', 'PuTTY key'] as const),
  ...(['encrypted private key', 'encrypted PEM key', 'PKCS#12'] as const),
]);

export interface Opened {
  /** Of any kind that OpenSSL knows. Nothing of it has been checked. */
  readonly key: KeyObject;
  /** DER. */
  readonly certificates: readonly Buffer[];
}

/**
 * The private key in one part of a file, and the certificates that are in there with it. Throws DerError, PRIVATE_KEY_INVALID,
 * PRIVATE_KEY_PASSWORD_MISSING, PRIVATE_KEY_PASSWORD_WRONG.
 */
export async function openKeyContent(content: Content, password: Uint8Array | undefined): Promise<Opened> {
  switch (content.kind) {
    case 'PKCS#12':
      return fromPkcs12(content.content, password);
    case 'RSA key':
    case 'private key':
      return { key: toKey(content.content), certificates: [] };
    case 'EC key':
      if (isEncryptedPem(content)) return fromEncrypted(pemEncryption(content), content.content, password);
      return { key: toKey(content.content), certificates: [] };
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
    return { key: toKey(plaintext), certificates: [] };
  } finally {
    plaintext?.fill(0);
    password.wipe();
  }
}

async function fromPkcs12(der: Buffer, password: Uint8Array | undefined): Promise<Opened> {
  const { keys, certificates } = await openPkcs12(der, password);
  try {
    // One that is there twice is still one.
    const found = new Map(keys.map(toKey).map((key) => [idOf(key), key]));
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

function toKey(der: Buffer): KeyObject {
  if (der.length > MAX_KEY_SIZE) throw keyInvalid('The private key is longer than any RSA key in use');
  try {
    return createPrivateKey({ key: der, format: 'der', type: typeOf(der) });
  } catch (cause) {
    throw keyInvalid(
      'The private key cannot be read: it is damaged, or of an unknown kind',
      undefined,
      cause,
    );
  }
}

/** By what stands behind the version: what is encrypted, or between the lines of a PEM file, may be any of them. */
function typeOf(der: Buffer): 'pkcs8' | 'sec1' | 'pkcs1' {
  const [, second] = children(readOnly(der, TAG.sequence));
  if (second?.tag === TAG.sequence) return 'pkcs8';
  return second?.tag === TAG.octetString ? 'sec1' : 'pkcs1';
}

export const severalKeys = (count: number) =>
  keyInvalid(
    `The file holds ${count} private keys`,
    'Give a file with one of them: keytool -importkeystore with -srcalias takes one out of a key store.',
  );
