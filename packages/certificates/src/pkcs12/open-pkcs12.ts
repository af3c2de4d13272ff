import { AppError } from '@sealtrack/errors/app-error';
import { children, contextTag, DerError, type Element, expectTag, readOnly, TAG } from '../der.ts';
import { algorithmOf, numberOf, octetsOf, oidOf } from '../der-values.ts';
import { keyInvalid, passwordMissing, passwordWrong } from '../key-file-errors.ts';
import { decrypt, schemeOf } from '../password-based/decrypt.ts';
import { type Password, passwordOf } from '../password-based/password.ts';
import { createWorkLimit, type Spend } from '../password-based/work-limit.ts';
import { verifyMac } from './mac.ts';

export interface Pkcs12Contents {
  /** PrivateKeyInfo each. The caller zeroes them. */
  readonly keys: readonly Buffer[];
  /** DER. Whose they are is not looked at. */
  readonly certificates: readonly Buffer[];
}

/** What it takes to open the parts of one file, and where what is found in them goes. */
interface Opening {
  readonly password: Password;
  readonly isVerified: boolean;
  readonly isPasswordGiven: boolean;
  readonly spend: Spend;
  readonly keys: Buffer[];
  readonly certificates: Buffer[];
  /** Whatever was decrypted. */
  readonly plaintexts: Buffer[];
}

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const BAGS = '1.2.840.113549.1.12.10.1';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';
const EXPLICIT = contextTag(0, true);
const MAX_PARTS = 100;
const MAX_NESTING = 4;

/**
 * What is in a PKCS#12 file (RFC 7292), once its MAC has verified, if it has one. Throws DerError for what is none,
 * PRIVATE_KEY_INVALID, PRIVATE_KEY_PASSWORD_MISSING, PRIVATE_KEY_PASSWORD_WRONG.
 */
export async function openPkcs12(der: Buffer, given: Uint8Array | undefined): Promise<Pkcs12Contents> {
  const [version, authSafe, macData] = children(readOnly(der, TAG.sequence), 3);
  if (numberOf(version) !== 3) throw new DerError('is of an unknown version');
  const content = contentOf(authSafe);
  const password = passwordOf(given);
  const spend = createWorkLimit();
  const opening = {
    ...{ isVerified: macData !== undefined, isPasswordGiven: (given?.length ?? 0) > 0, spend },
    ...{ keys: [] as Buffer[], certificates: [] as Buffer[], plaintexts: [content] },
  };
  try {
    const verified = macData === undefined ? password : await verifyMac(macData, content, password, spend);
    if (verified === undefined) throw opening.isPasswordGiven ? passwordWrong() : passwordMissing();
    for (const part of children(readOnly(content, TAG.sequence), MAX_PARTS))
      await openPart(part, { ...opening, password: verified });
    return opening;
  } catch (error) {
    for (const key of opening.keys) key.fill(0);
    throw error;
  } finally {
    for (const plaintext of opening.plaintexts) plaintext.fill(0);
    password.wipe();
  }
}

const PASSWORD_INSTEAD =
  'Export it again, protected by a password: openssl pkcs12 -export -in CERT.pem -inkey KEY.pem.';
const ONE_PASSWORD =
  'The key has a password of its own. Export it again with one for both: keytool -importkeystore takes -srcstorepass and -srckeypass.';

/** The AuthenticatedSafe. */
function contentOf(authSafe: Element | undefined): Buffer {
  const [type, content] = children(expectTag(authSafe, TAG.sequence), 2);
  if (oidOf(type) === DATA) return Buffer.from(octetsOf(explicitOf(content)));
  throw keyInvalid('The PKCS#12 file is protected by a signature instead of a password', PASSWORD_INSTEAD);
}

async function openPart(part: Element, opening: Opening): Promise<void> {
  const [type, content] = children(expectTag(part, TAG.sequence), 2);
  const oid = oidOf(type);
  if (oid === DATA) return openBags(octetsOf(explicitOf(content)), opening, MAX_NESTING);
  if (oid !== ENCRYPTED_DATA)
    throw keyInvalid(
      'The PKCS#12 file is encrypted to a certificate instead of a password',
      PASSWORD_INSTEAD,
    );
  const [, encrypted] = children(expectTag(explicitOf(content), TAG.sequence), 3);
  const [, algorithm, ciphertext] = children(expectTag(encrypted, TAG.sequence), 3);
  const bags = await decryptPart(algorithm, octetsOf(ciphertext, contextTag(0)), opening);
  return openBags(bags, opening, MAX_NESTING);
}

async function openBags(safe: Buffer, opening: Opening, depth: number): Promise<void> {
  if (depth === 0) throw new DerError('has bags within bags');
  for (const bag of children(readOnly(safe, TAG.sequence), MAX_PARTS)) {
    const [type, value] = children(expectTag(bag, TAG.sequence), 3);
    const oid = oidOf(type);
    if (oid === `${BAGS}.1`) opening.keys.push(Buffer.from(explicitOf(value).raw));
    else if (oid === `${BAGS}.2`) {
      const [algorithm, ciphertext] = children(expectTag(explicitOf(value), TAG.sequence), 2);
      const key = await decryptPart(algorithm, octetsOf(ciphertext), opening);
      opening.keys.push(Buffer.from(key));
    } else if (oid === `${BAGS}.3`) addCertificate(explicitOf(value), opening.certificates);
    else if (oid === `${BAGS}.6`) await openBags(explicitOf(value).raw, opening, depth - 1);
  }
}

function addCertificate(bag: Element, certificates: Buffer[]): void {
  const [type, value] = children(expectTag(bag, TAG.sequence), 2);
  if (oidOf(type) === X509_CERTIFICATE) certificates.push(Buffer.from(octetsOf(explicitOf(value))));
}

async function decryptPart(
  algorithm: Element | undefined,
  ciphertext: Buffer,
  { password, isVerified, isPasswordGiven, spend, plaintexts }: Opening,
): Promise<Buffer> {
  const plaintext = await decrypt(schemeOf(algorithmOf(algorithm)), ciphertext, password, spend);
  if (plaintext === undefined) {
    if (isVerified)
      throw new AppError(
        'PRIVATE_KEY_PASSWORD_WRONG',
        'The password is that of the file, but a part of it does not open',
        {
          fix: ONE_PASSWORD,
        },
      );
    throw isPasswordGiven ? passwordWrong() : passwordMissing();
  }
  plaintexts.push(plaintext);
  return plaintext;
}

/** What is inside of an EXPLICIT [0]. */
function explicitOf(found: Element | undefined): Element {
  const [inner] = children(expectTag(found, EXPLICIT), 1);
  if (inner === undefined) throw new DerError('lacks what it announces');
  return inner;
}
