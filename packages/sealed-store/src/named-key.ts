import { createHash, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/** 256 bits that open others, and the name they go by. */
export interface NamedKey {
  /** The first 16 hex digits of a digest of the key: it names the key and says nothing about it. */
  readonly id: string;
  readonly key: KeyObject;
}

export const KEY_BYTES = 32;
export const isNamedKeyId = (text: string): boolean => /^[0-9a-f]{16}$/.test(text);

/** A copy of `bytes` outside the JavaScript heap; the caller zeroes his own. */
export function nameKey(purpose: 'unseal key' | 'root key', bytes: Buffer): NamedKey {
  if (bytes.length !== KEY_BYTES) throw new RangeError(`A key has ${KEY_BYTES} bytes, not ${bytes.length}`);
  // The purpose comes first, so that one key never has the same name twice.
  const digest = createHash('sha256').update(`sealtrack ${purpose}\0`).update(bytes).digest('hex');
  return { id: digest.slice(0, 16), key: createSecretKey(bytes) };
}

/** A key of 256 bits for one purpose (HKDF-SHA-256, RFC 5869, no salt: the key is random already). */
export function deriveKey({ key }: NamedKey, purpose: string): KeyObject {
  const derived = Buffer.from(hkdfSync('sha256', key, '', `sealtrack ${purpose}`, KEY_BYTES));
  try {
    return createSecretKey(derived);
  } finally {
    derived.fill(0);
  }
}
