import { createHash, diffieHellman, type KeyObject } from 'node:crypto';

/** ECDH-ES on P-256 with A256GCM (RFC 7518, 4.6 and 5.3), as both sides of it do it. */
export const CURVE = 'prime256v1';
export const ENC = 'A256GCM';
const KEY_BYTES = 32;
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

/** The key of the content, the caller's to wipe. */
export function agreedKey(privateKey: KeyObject, publicKey: KeyObject): Buffer {
  const agreed = diffieHellman({ privateKey, publicKey });
  try {
    return concatKdf(agreed);
  } finally {
    agreed.fill(0);
  }
}

/** What goes into the hash behind the agreed secret: AlgorithmID, no PartyUInfo, no PartyVInfo, SuppPubInfo. */
const OTHER_INFO = Buffer.concat([word(ENC.length), Buffer.from(ENC), word(0), word(0), word(8 * KEY_BYTES)]);

/** RFC 7518, 4.6.2; one round of SHA-256 gives as much as is wanted. */
const concatKdf = (agreed: Buffer): Buffer =>
  createHash('sha256').update(word(1)).update(agreed).update(OTHER_INFO).digest();

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
