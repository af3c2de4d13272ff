import { createCipheriv, randomBytes } from 'node:crypto';
import { element, integer, nothing, octetString, oid, readOnly, sequence, TAG } from '../der.ts';
import { algorithmOf } from '../der-values.ts';
import { schemeOf } from './decrypt.ts';
import type { Password } from './password.ts';
import { createWorkLimit } from './work-limit.ts';

/** A way of encrypting with a password that something new may be encrypted in. */
export interface Encryption {
  /** The name of Node for the cipher. */
  readonly cipher: string;
  /** An AlgorithmIdentifier with fresh salt and, where it has one, IV. */
  readonly algorithm: () => Buffer;
}

/** PBES2 (RFC 8018, 6.2): PBKDF2 with HMAC-SHA-256 so many times, then AES-256-CBC. */
export const aes256 = (rounds: number): Encryption => ({
  cipher: 'aes-256-cbc',
  algorithm: () => {
    const hmacSha256 = sequence(oid('1.2.840.113549.2.9'), nothing());
    const pbkdf2 = sequence(octetString(randomBytes(16)), wholeNumber(rounds), hmacSha256);
    return sequence(
      oid('1.2.840.113549.1.5.13'),
      sequence(
        sequence(oid('1.2.840.113549.1.5.12'), pbkdf2),
        sequence(oid('2.16.840.1.101.3.4.1.42'), octetString(randomBytes(16))),
      ),
    );
  },
});

/** pbeWithSHA1And3-KeyTripleDES-CBC (RFC 7292, C), for what is too old for anything else. */
export const tripleDes = (rounds: number): Encryption => ({
  cipher: 'des-ede3-cbc',
  algorithm: () =>
    sequence(oid('1.2.840.113549.1.12.1.3'), sequence(octetString(randomBytes(8)), wholeNumber(rounds))),
});

export interface Encrypted {
  /** AlgorithmIdentifier in DER. */
  readonly algorithm: Buffer;
  readonly ciphertext: Buffer;
}

/** Derives the key as whoever reads it will. Of the password's forms the first one counts. */
export async function encrypt(
  { cipher, algorithm }: Encryption,
  plaintext: Buffer,
  password: Password,
): Promise<Encrypted> {
  const identifier = algorithm();
  const scheme = schemeOf(algorithmOf(readOnly(identifier, TAG.sequence)));
  const [form = Buffer.alloc(0)] = scheme.forms(password);
  const { key, iv } = await scheme.derive(form, createWorkLimit());
  try {
    const encryption = createCipheriv(cipher, key, iv);
    return {
      algorithm: identifier,
      ciphertext: Buffer.concat([encryption.update(plaintext), encryption.final()]),
    };
  } finally {
    key.fill(0);
  }
}

/** A number from 0 up, of at most four bytes. */
export function wholeNumber(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return integer(bytes);
}

/** EncryptedPrivateKeyInfo (RFC 5958, 3), which is what a PKCS8ShroudedKeyBag of PKCS#12 has inside too. */
export async function encryptPrivateKeyInfo(
  encryption: Encryption,
  pkcs8: Buffer,
  password: Password,
): Promise<Buffer> {
  const { algorithm, ciphertext } = await encrypt(encryption, pkcs8, password);
  return sequence(algorithm, element(TAG.octetString, ciphertext));
}
