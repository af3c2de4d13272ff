import type { KeyObject, X509Certificate } from 'node:crypto';
import { type CertificateInfo, type StrengthOptions, toX509 } from './certificate.ts';
import { arrange, certificateOf, certificatesAmong } from './certificate-file.ts';
import { DerError } from './der.ts';
import { contentsOf, MAX_FILE_SIZE } from './file-contents.ts';
import { keyInvalid } from './key-file-errors.ts';
import { KEYS, openKeyContent, severalKeys } from './open-key-content.ts';
import { checkPrivateKey } from './private-key.ts';
import { noPrivateKey } from './wrong-file.ts';

export interface PrivateKeyFile {
  readonly privateKey: KeyObject;
  /** Its certificate, when that is in the file. */
  readonly leaf: CertificateInfo | undefined;
  /** DER of the other certificates in the file. Whether they issued the leaf is not looked at. */
  readonly chain: readonly Buffer[];
}

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
    // It would open recordings no better with its password.
    if (found.kind === 'EC key') throw noPrivateKey(found.kind);
    const { key, certificates } = await openKeyContent(found, password);
    const privateKey = checkPrivateKey(key, options);
    return { privateKey, ...sort([...certificates, ...certificatesAmong(contents)], privateKey, options) };
  } catch (error) {
    if (error instanceof DerError) throw keyInvalid('The private key file is damaged', undefined, error);
    throw error;
  } finally {
    for (const { content } of contents) content.fill(0);
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
