import { AppError } from '@sealtrack/errors/app-error';
import jose from 'node-jose';
import type { Kek, Keks } from './keks.ts';
import {
  ALG,
  ENC,
  MAX_SECRET_BYTES,
  readSealHeader,
  type SealHeader,
  sealBroken,
  toFields,
} from './seal-format.ts';

type Key = Awaited<ReturnType<typeof jose.JWK.asKey>>;

/**
 * Seals a secret (a private key as PKCS#8 DER, 64 KiB at most) under a key-encryption key, bound to whose it is.
 *
 * The caller zeroes `secret`. What is zeroed here is our copies of the key-encryption key. What node-jose copies we
 * cannot reach: the plaintext once, and each key also as a base64url string; those stay in memory until collected.
 *
 * @returns a compact JWE.
 * @throws AppError INVALID_ARGUMENT for a secret that is empty or too large.
 */
export async function sealSecret(
  secret: Buffer,
  { kek, header }: { readonly kek: Kek; readonly header: SealHeader },
): Promise<string> {
  if (secret.length === 0 || secret.length > MAX_SECRET_BYTES)
    throw new AppError('INVALID_ARGUMENT', `A secret of ${secret.length} bytes cannot be sealed`, {
      fix: `Give 1 to ${MAX_SECRET_BYTES} bytes.`,
    });
  const fields = toFields(header, kek.number);
  return await withKey(kek, (key) =>
    jose.JWE.createEncrypt({ format: 'compact', contentAlg: ENC, fields }, { key, reference: false })
      .update(secret)
      .final(),
  );
}

/**
 * Opens a sealed secret, if it is the one expected: who can write to Redis can swap blobs, and that is found out here.
 * @returns the secret, for the caller to zero.
 * @throws AppError SEAL_BROKEN when it is malformed, somebody else's, changed, or sealed under another key.
 */
export async function unsealSecret(
  jwe: string,
  { keks, expect }: { readonly keks: Keks; readonly expect: Pick<SealHeader, 'tenant' | 'keyId'> },
): Promise<Buffer> {
  const header = readSealHeader(jwe);
  if (header.tenant !== expect.tenant || header.keyId !== expect.keyId)
    throw sealBroken('A sealed key was found in the place of another');
  const kek = keks.get(header.kekNumber);
  if (kek === undefined)
    throw sealBroken(
      `A sealed key needs key-encryption key ${header.kekNumber}, which the key file does not hold`,
      `Put key ${header.kekNumber} back into the key file from its backup, then start the crypto server again.`,
    );
  return await withKey(kek, async (key) => {
    try {
      const { payload } = await jose.JWE.createDecrypt(key, { algorithms: [ALG, ENC] }).decrypt(jwe);
      // Out of Node's shared pool, where zeroing would leave it to chance who saw it before.
      const secret = Buffer.alloc(payload.length);
      payload.copy(secret);
      payload.fill(0);
      return secret;
    } catch (cause) {
      throw sealBroken(
        `A sealed key does not open with key-encryption key ${kek.number}`,
        'Check that the key file is the one this Redis was used with. If it is, restore the sealed keys from a backup; or delete st:{<tenant>}:key:<key id> in Redis and import the private key again.',
        cause,
      );
    }
  });
}

async function withKey<T>({ number, key }: Kek, work: (key: Key) => Promise<T>): Promise<T> {
  const k = key.export();
  const jwk = await jose.JWK.asKey({ kty: 'oct', k, kid: String(number), use: 'enc', alg: ALG });
  try {
    return await work(jwk);
  } finally {
    jwk.get('k', true).fill(0);
    k.fill(0);
  }
}
