import { createHash, createHmac, type KeyObject, randomBytes } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import { contextTag, element, nothing, octetString, oid, sequence, setOf } from '../der.ts';
import {
  aes256,
  type Encryption,
  encrypt,
  encryptPrivateKeyInfo,
  tripleDes,
  wholeNumber,
} from '../password-based/encrypt.ts';
import { type Password, passwordOf } from '../password-based/password.ts';
import { derivePkcs12, FOR } from '../password-based/pkcs12-kdf.ts';
import { createWorkLimit } from '../password-based/work-limit.ts';

export const PKCS12_PROFILES = ['modern', 'windows-legacy'] as const;
export type Pkcs12Profile = (typeof PKCS12_PROFILES)[number];

interface Protection {
  readonly encryption: Encryption;
  readonly mac: {
    readonly hash: string;
    readonly oid: string;
    readonly size: number;
    readonly rounds: number;
  };
}

/**
 * Key, certificates and MAC each cost a derivation, and the cheapest of the three is what guessing a password costs. .NET
 * refuses files that ask for more than 600,000 rounds in all (KB5025823); Java writes 10,000 and OpenSSL 2048.
 */
const MODERN_ROUNDS = 100_000;
/** What OpenSSL writes, and a little more than Windows itself. */
const LEGACY_ROUNDS = 2048;

const PROTECTIONS: Readonly<Record<Pkcs12Profile, Protection>> = {
  modern: {
    encryption: aes256(MODERN_ROUNDS),
    mac: { hash: 'sha256', oid: '2.16.840.1.101.3.4.2.1', size: 32, rounds: MODERN_ROUNDS },
  },
  'windows-legacy': {
    encryption: tripleDes(LEGACY_ROUNDS),
    mac: { hash: 'sha1', oid: '1.3.14.3.2.26', size: 20, rounds: LEGACY_ROUNDS },
  },
};

/** Of a file without a key nobody guesses the password: certificates are no secret. */
const NOTHING_SECRET: Protection = {
  encryption: aes256(LEGACY_ROUNDS),
  mac: { ...PROTECTIONS.modern.mac, rounds: LEGACY_ROUNDS },
};

export interface Pkcs12ToWrite {
  /** Left out, the file only says whom to trust. */
  readonly privateKey?: KeyObject | undefined;
  /** DER. The caller has checked that it is on this key. */
  readonly certificate: Buffer;
  /** DER of those above it; the certificate itself is left out if it is among them. */
  readonly chain: readonly Buffer[];
  /** What key stores show it as. */
  readonly friendlyName?: string | undefined;
  /**
   * modern: AES-256 and SHA-256, which OpenSSL, GnuTLS, NSS, Java since 8u301 and Windows since Server 2019 read.
   * windows-legacy: 3DES and SHA-1, for what is older.
   */
  readonly profile: Pkcs12Profile;
}

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const BAGS = '1.2.840.113549.1.12.10.1';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';
const FRIENDLY_NAME = '1.2.840.113549.1.9.20';
const LOCAL_KEY_ID = '1.2.840.113549.1.9.21';
/** Java's own mark of a certificate that it is to trust; without it, none is. */
const TRUSTED_FOR = '2.16.840.1.113894.746875.1.1';
const ANY_USE = '2.5.29.37.0';
const BMP_STRING = 0x1e;
/** Characters (RFC 2985, A: pkcs-9-ub-friendlyName). */
const MAX_FRIENDLY_NAME = 255;

/**
 * A PKCS#12 file (RFC 7292) with at most one key, encrypted and with a MAC under one password, which may be empty. The caller zeroes
 * `password`. Throws INVALID_ARGUMENT for a name that is too long.
 */
export async function writePkcs12(wanted: Pkcs12ToWrite, password: Uint8Array): Promise<Buffer> {
  const forms = passwordOf(password);
  const { privateKey, profile } = wanted;
  const isOpen = privateKey === undefined && profile === 'modern';
  const { encryption, mac } = isOpen ? NOTHING_SECRET : PROTECTIONS[profile];
  try {
    const certificates = await encrypt(encryption, certificateBags(wanted), forms);
    const keys = privateKey && sequence(await keyBag({ ...wanted, privateKey }, encryption, forms));
    const safe = sequence(
      contentInfo(ENCRYPTED_DATA, encryptedData(certificates.algorithm, certificates.ciphertext)),
      ...(keys === undefined ? [] : [contentInfo(DATA, octetString(keys))]),
    );
    return sequence(wholeNumber(3), contentInfo(DATA, octetString(safe)), await macData(mac, safe, forms));
  } finally {
    forms.wipe();
  }
}

const explicit = (content: Buffer): Buffer => element(contextTag(0, true), content);

const contentInfo = (type: string, content: Buffer): Buffer => sequence(oid(type), explicit(content));

/** EncryptedData (RFC 5652, 8). */
const encryptedData = (algorithm: Buffer, ciphertext: Buffer): Buffer =>
  sequence(wholeNumber(0), sequence(oid(DATA), algorithm, element(contextTag(0), ciphertext)));

function certificateBags(wanted: Pkcs12ToWrite): Buffer {
  const { certificate, chain } = wanted;
  const others = chain.filter((each) => !each.equals(certificate));
  return sequence(
    certificateBag(certificate, attributesOf(wanted)),
    ...others.map((each) => certificateBag(each, [])),
  );
}

const certificateBag = (der: Buffer, attributes: readonly Buffer[]): Buffer =>
  sequence(
    oid(`${BAGS}.3`),
    explicit(sequence(oid(X509_CERTIFICATE), explicit(octetString(der)))),
    ...attributes,
  );

type WithKey = Pkcs12ToWrite & { readonly privateKey: KeyObject };

async function keyBag(wanted: WithKey, encryption: Encryption, forms: Password): Promise<Buffer> {
  const pkcs8 = wanted.privateKey.export({ type: 'pkcs8', format: 'der' });
  try {
    const shrouded = await encryptPrivateKeyInfo(encryption, pkcs8, forms);
    return sequence(oid(`${BAGS}.2`), explicit(shrouded), ...attributesOf(wanted));
  } finally {
    pkcs8.fill(0);
  }
}

/** By the same ones, key and certificate are known to belong together. */
function attributesOf({ certificate, privateKey, friendlyName = '' }: Pkcs12ToWrite): Buffer[] {
  if (friendlyName.length > MAX_FRIENDLY_NAME)
    throw new AppError('INVALID_ARGUMENT', 'The name is too long for a PKCS#12 file', {
      fix: `Give at most ${MAX_FRIENDLY_NAME} characters.`,
    });
  const attribute = (type: string, value: Buffer): Buffer => sequence(oid(type), setOf(value));
  const name = Buffer.from(friendlyName, 'utf16le').swap16();
  const keyId = createHash('sha1').update(certificate).digest();
  return [
    setOf(
      ...(name.length === 0 ? [] : [attribute(FRIENDLY_NAME, element(BMP_STRING, name))]),
      privateKey === undefined
        ? attribute(TRUSTED_FOR, oid(ANY_USE))
        : attribute(LOCAL_KEY_ID, octetString(keyId)),
    ),
  ];
}

async function macData(mac: Protection['mac'], content: Buffer, { wide }: Password): Promise<Buffer> {
  const salt = randomBytes(16);
  const { hash, rounds: iterations, size } = mac;
  const [form = Buffer.alloc(0)] = wide;
  const key = await derivePkcs12(form, { hash, salt, iterations, purpose: FOR.mac, size }, createWorkLimit());
  const digest = createHmac(hash, key).update(content).digest();
  key.fill(0);
  return sequence(
    sequence(sequence(oid(mac.oid), nothing()), octetString(digest)),
    octetString(salt),
    wholeNumber(iterations),
  );
}
