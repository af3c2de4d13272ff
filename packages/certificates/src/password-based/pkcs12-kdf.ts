import { createHash } from 'node:crypto';
import { DerError } from '../der.ts';
import { rehash } from './rehash.ts';
import type { Spend } from './work-limit.ts';

/** Hashes of RFC 7292, B.2, with their sizes and those of their blocks in bytes. */
const HASHES: Readonly<Record<string, { readonly size: number; readonly block: number }>> = {
  md5: { size: 16, block: 64 },
  sha1: { size: 20, block: 64 },
  sha224: { size: 28, block: 64 },
  sha256: { size: 32, block: 64 },
  sha384: { size: 48, block: 128 },
  sha512: { size: 64, block: 128 },
  'sha512-224': { size: 28, block: 128 },
  'sha512-256': { size: 32, block: 128 },
};

/** What the bytes are for (B.3). */
export const FOR = { key: 1, iv: 2, mac: 3 } as const;

export interface Pkcs12Derivation {
  readonly hash: string;
  readonly salt: Buffer;
  readonly iterations: number;
  readonly purpose: (typeof FOR)[keyof typeof FOR];
  /** Bytes wanted. */
  readonly size: number;
}

/** Key bytes from a password in the wide form (RFC 7292, B.2). The caller zeroes the result. Throws DerError. */
export async function derivePkcs12(
  password: Buffer,
  wanted: Pkcs12Derivation,
  spend: Spend,
): Promise<Buffer> {
  const sizes = HASHES[wanted.hash];
  if (sizes === undefined || wanted.iterations < 1) throw new DerError('derives its key in no known way');
  const blocks = Math.ceil(wanted.size / sizes.size);
  spend(blocks * wanted.iterations);

  const { block } = sizes;
  const diversifier = Buffer.alloc(block, wanted.purpose);
  const input = Buffer.concat([filled(wanted.salt, block), filled(password, block)]);
  const derived = Buffer.alloc(wanted.size);
  for (let i = 0; i < blocks; i++) {
    const first = createHash(wanted.hash).update(diversifier).update(input).digest();
    const digest = await rehash(wanted.hash, first, wanted.iterations - 1);
    digest.copy(derived, i * sizes.size);
    const addend = filled(digest, block).subarray(0, block);
    for (let at = 0; at < input.length; at += block) addOneAnd(addend, input.subarray(at, at + block));
    digest.fill(0);
    addend.fill(0);
  }
  input.fill(0);
  return derived;
}

/** As many copies as fill whole blocks, the last one cut. */
function filled(bytes: Buffer, block: number): Buffer {
  const result = Buffer.alloc(Math.ceil(bytes.length / block) * block);
  for (let i = 0; bytes.length > 0 && i < result.length; i++) result[i] = bytes[i % bytes.length] ?? 0;
  return result;
}

/** `target` + `addend` + 1 as big-endian numbers, in place. */
function addOneAnd(addend: Buffer, target: Buffer): void {
  let carry = 1;
  for (let i = target.length - 1; i >= 0; i--) {
    carry += (target[i] ?? 0) + (addend[i] ?? 0);
    target[i] = carry;
    carry >>= 8;
  }
}
