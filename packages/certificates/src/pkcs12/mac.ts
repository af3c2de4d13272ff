import { createHmac, timingSafeEqual } from 'node:crypto';
import { children, DerError, type Element, expectTag, TAG } from '../der.ts';
import { type Algorithm, algorithmOf, numberOf, octetsOf } from '../der-values.ts';
import { unsupported } from '../key-file-errors.ts';
import type { Password } from '../password-based/password.ts';
import { hmacOf, pbkdfOf } from '../password-based/pbkdf.ts';
import { derivePkcs12, FOR } from '../password-based/pkcs12-kdf.ts';
import type { Spend } from '../password-based/work-limit.ts';

const PBMAC1 = '1.2.840.113549.1.5.14';
/** Names of Node for the hashes, with their sizes. */
const HASHES: Readonly<Record<string, readonly [name: string, size: number]>> = {
  '1.2.840.113549.2.5': ['md5', 16],
  '1.3.14.3.2.26': ['sha1', 20],
  '2.16.840.1.101.3.4.2.4': ['sha224', 28],
  '2.16.840.1.101.3.4.2.1': ['sha256', 32],
  '2.16.840.1.101.3.4.2.2': ['sha384', 48],
  '2.16.840.1.101.3.4.2.3': ['sha512', 64],
  '2.16.840.1.101.3.4.2.5': ['sha512-224', 28],
  '2.16.840.1.101.3.4.2.6': ['sha512-256', 32],
};

/**
 * The password in the forms that are left of it once the MAC over `content` has verified (RFC 7292, 4; RFC 9579 for
 * PBMAC1); undefined when it does not. Throws DerError, PRIVATE_KEY_INVALID.
 */
export async function verifyMac(
  macData: Element,
  content: Buffer,
  password: Password,
  spend: Spend,
): Promise<Password | undefined> {
  const [digestInfo, salt, rounds] = children(expectTag(macData, TAG.sequence), 3);
  const [algorithmIdentifier, digest] = children(expectTag(digestInfo, TAG.sequence), 2);
  const algorithm = algorithmOf(algorithmIdentifier);
  const expected = octetsOf(digest);
  if (algorithm.oid === PBMAC1) return verifyPbmac1(algorithm, expected, content, password, spend);

  const [hash, size] = HASHES[algorithm.oid] ?? [];
  if (hash === undefined || size === undefined) throw unsupported('hash', algorithm.oid);
  const iterations = rounds === undefined ? 1 : numberOf(rounds);
  const wanted = { hash, salt: octetsOf(salt), iterations, purpose: FOR.mac, size };
  for (const form of password.wide) {
    const key = await derivePkcs12(form, wanted, spend);
    // NSS of long ago took the wide form where PKCS#5 says the narrow one.
    if (isMac(hash, key, content, expected))
      return { ...password, narrow: [...password.narrow, form], wide: [form] };
  }
  return undefined;
}

async function verifyPbmac1(
  { parameters }: Algorithm,
  expected: Buffer,
  content: Buffer,
  password: Password,
  spend: Spend,
): Promise<Password | undefined> {
  const [derivation, scheme] = children(expectTag(parameters, TAG.sequence), 2);
  const [hash] = hmacOf(algorithmOf(scheme));
  const pbkdf = pbkdfOf(algorithmOf(derivation));
  if (pbkdf.keySize === undefined) throw new DerError('does not say the size of the key of its MAC');
  for (const form of password.narrow) {
    const key = await pbkdf.derive(form, pbkdf.keySize, spend);
    if (isMac(hash, key, content, expected)) return password;
  }
  return undefined;
}

/** Zeroes the key. */
function isMac(hash: string, key: Buffer, content: Buffer, expected: Buffer): boolean {
  const mac = createHmac(hash, key).update(content).digest();
  key.fill(0);
  return mac.length === expected.length && timingSafeEqual(mac, expected);
}
