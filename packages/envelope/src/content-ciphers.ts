import type { CipherKey } from 'node:crypto';
import { cbc } from './ciphers/cbc.ts';
import { gcm } from './ciphers/gcm.ts';

/** How a media file's bytes are encrypted, as its envelope says. The names go into the derivation of its keys. */
export type ContentCipherName =
  | 'AES-256-CBC'
  | 'AES-192-CBC'
  | 'AES-128-CBC'
  | 'DES-EDE3-CBC'
  | 'AES-256-GCM'
  | 'AES-192-GCM'
  | 'AES-128-GCM';

export interface ContentCipher {
  readonly name: ContentCipherName;
  readonly oid: string;
  /** Bytes. */
  readonly keySize: number;
  readonly ivSize: number;
  /** Whether the cipher has a MAC of its own: then its envelope is AuthEnvelopedData, and EnvelopedData otherwise. */
  readonly isAuthenticated: boolean;
  /** Bytes of plaintext that one key can encrypt. */
  readonly maxPlaintextSize: number;
  /** For a plaintext of that many bytes. */
  ciphertextSize(plaintextSize: number): number;
  /** Ciphertext bytes that are all or nothing, in the middle of a media file. */
  readonly blockSize: number;
  createEncryptor(key: CipherKey, iv: Uint8Array): Encryptor;
  /** Throws when the padding is wrong. */
  decryptSegment(key: CipherKey, iv: Uint8Array, segment: Segment): Buffer;
  /** Reads a whole ciphertext to find out whether it is right, as far as the cipher itself can tell. */
  createCheck(key: CipherKey, envelope: CheckedEnvelope): CipherCheck;
}

/** A piece of ciphertext under one tag. */
export interface Segment {
  readonly index: number;
  readonly isLast: boolean;
  /** The 16 ciphertext bytes before it; for the first one the IV, after zeros where that is shorter. */
  readonly previous: Buffer;
  readonly ciphertext: Uint8Array;
}

export interface Encryptor {
  /** As many bytes as it takes, as long as these are a multiple of 16. */
  update(plaintext: Uint8Array): Buffer;
  final(): Buffer;
  /** After `final`; undefined for a cipher without one. */
  mac(): Buffer | undefined;
}

/** What an envelope says that a check needs. */
export interface CheckedEnvelope {
  readonly iv: Buffer;
  readonly mac: Buffer | undefined;
  readonly authAttributes: Buffer | undefined;
}

export interface CipherCheck {
  /** Gives nothing out. */
  update(ciphertext: Uint8Array): void;
  /** The size of the plaintext in bytes. Throws when the MAC or the padding is wrong. */
  final(): number;
}

const AES = '2.16.840.1.101.3.4.1';

/** RFC 3565, RFC 5084, and RFC 3370 5.1 for what old systems wrote. */
export const CONTENT_CIPHERS: Readonly<Record<ContentCipherName, ContentCipher>> = {
  'AES-256-CBC': cbc('AES-256-CBC', `${AES}.42`, 32, 16),
  'AES-192-CBC': cbc('AES-192-CBC', `${AES}.22`, 24, 16),
  'AES-128-CBC': cbc('AES-128-CBC', `${AES}.2`, 16, 16),
  'DES-EDE3-CBC': cbc('DES-EDE3-CBC', '1.2.840.113549.3.7', 24, 8),
  'AES-256-GCM': gcm('AES-256-GCM', `${AES}.46`, 32),
  'AES-192-GCM': gcm('AES-192-GCM', `${AES}.26`, 24),
  'AES-128-GCM': gcm('AES-128-GCM', `${AES}.6`, 16),
};
