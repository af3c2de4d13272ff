import { createPublicKey, type KeyObject, randomBytes, sign, verify } from 'node:crypto';
import { certificatesAmong } from './certificate-file.ts';
import { DerError } from './der.ts';
import { contentsOf, type Kind, MAX_FILE_SIZE } from './file-contents.ts';
import { keyInvalid } from './key-file-errors.ts';
import { keyTypeName } from './key-type.ts';
import { KEYS, openKeyContent, severalKeys } from './open-key-content.ts';
import { isEncryptedPem } from './password-based/pem-encryption.ts';
import { noPrivateKeyAtAll } from './wrong-file.ts';

export interface AnyPrivateKey {
  /** RSA or EC, of any size. */
  readonly privateKey: KeyObject;
  /** DER of the certificates in the same file, in its order, whosever they are. */
  readonly certificates: readonly Buffer[];
  /** In which form it was there. */
  readonly kind: Kind;
  /** Whether the file is made for a password. */
  readonly isEncrypted: boolean;
}

const ENCRYPTED: ReadonlySet<Kind> = new Set(['encrypted private key', 'encrypted PEM key', 'PKCS#12']);
const UNREADABLE: ReadonlySet<Kind> = new Set(['DSA key', 'SSH private key', 'PuTTY key']);

/**
 * The one private key of a file, whatever it is for: PKCS#1, SEC 1, PKCS#8 or PKCS#12, in PEM or DER, plain or encrypted. Keys
 * that open recordings are read by `readPrivateKeyFile`. The caller zeroes `file` and `password`; an empty one is none. Throws
 * PRIVATE_KEY_INVALID, PRIVATE_KEY_PASSWORD_MISSING, PRIVATE_KEY_PASSWORD_WRONG, and CERTIFICATE_INVALID for damaged
 * certificates beside it.
 */
export async function readAnyPrivateKey(file: Uint8Array, password?: Uint8Array): Promise<AnyPrivateKey> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length > MAX_FILE_SIZE) throw keyInvalid('The private key file is larger than 256 KiB', FORM);
  const contents = contentsOf(bytes);
  try {
    const [found, ...others] = contents.filter(({ kind }) => KEYS.has(kind));
    if (found === undefined) throw noPrivateKeyAtAll(contents[0]?.kind ?? 'unknown');
    if (others.length > 0) throw severalKeys(others.length + 1);
    if (UNREADABLE.has(found.kind)) throw noPrivateKeyAtAll(found.kind);
    const { key, certificates } = await openKeyContent(found, password);
    checkUsable(key);
    return {
      privateKey: key,
      certificates: [...certificates, ...certificatesAmong(contents)],
      kind: found.kind,
      // An EC key that is encrypted the old way goes by the name of one that is not.
      isEncrypted: ENCRYPTED.has(found.kind) || isEncryptedPem(found),
    };
  } catch (error) {
    if (error instanceof DerError) throw keyInvalid('The private key file is damaged', FORM, error);
    throw error;
  } finally {
    for (const { content } of contents) content.fill(0);
  }
}

const FORM = 'Give one RSA or EC private key: PKCS#8, PKCS#1 or PKCS#12 (.pfx), in PEM or DER.';

function checkUsable(key: KeyObject): void {
  if (key.asymmetricKeyType !== 'rsa' && key.asymmetricKeyType !== 'ec')
    throw keyInvalid(
      `The file holds ${keyTypeName(key)}, which certificates for connections do not use`,
      FORM,
    );
  if (!signsFor(createPublicKey(key), key))
    throw keyInvalid(
      'The private key is damaged: what it signs is not by its public half',
      'Take the file from its backup, or make a new key and have it certified.',
    );
}

/** Proves with one signature that a private key, RSA or EC, is the other half of a public one. */
export function signsFor(publicKey: KeyObject, privateKey: KeyObject): boolean {
  const challenge = randomBytes(32);
  try {
    return verify('sha256', challenge, publicKey, sign('sha256', challenge, privateKey));
  } catch {
    return false;
  }
}
