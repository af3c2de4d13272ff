import type { KeyObject } from 'node:crypto';

/** What an IVR profile can ask for. A name stands for everything in its suite, so a suite never changes. */
export type SuiteName = 'pkcs7';

/** One way to encrypt a media file. The file of a suite holds everything that is its own. */
export interface Suite {
  readonly name: SuiteName;
  readonly ivSize: number;
  /** OID of the ContentInfo (RFC 5652, 3). */
  readonly contentInfoType: string;
  /** AlgorithmIdentifiers in DER: what the session key is encrypted with, and what the content. */
  readonly keyTransport: Buffer;
  contentEncryption(iv: Buffer): Buffer;

  wrap(publicKey: KeyObject, dek: Buffer): Buffer;
  /** Never throws for what is encrypted, only for a ciphertext that is no number below the modulus. */
  unwrap(privateKey: KeyObject, encryptedKey: Buffer): Buffer;

  ciphertextSize(plaintextSize: number): number;
  /** `update` gives as many bytes as it takes, as long as these are a multiple of 16. */
  createCipher(dek: Buffer, iv: Buffer): ContentCipher;
  /** The plaintext of one segment whose tag was verified. Throws when the last one's padding is wrong. */
  decryptSegment(dek: Buffer, iv: Buffer, segment: Segment): Buffer;
}

/** A piece of ciphertext under one tag. */
export interface Segment {
  readonly index: number;
  readonly isLast: boolean;
  /** The 16 ciphertext bytes before it; for the first one the IV, after zeros where that is shorter. */
  readonly previous: Buffer;
  readonly ciphertext: Buffer;
}

export interface ContentCipher {
  update(plaintext: Uint8Array): Buffer;
  final(): Buffer;
}
