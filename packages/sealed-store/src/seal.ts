import { AppError } from '@sealtrack/errors/app-error';
import { decryptJwe, encryptJwe } from '@sealtrack/jose/jwe';
import { sealBroken } from './jwe-format.ts';
import type { Kek, Keks } from './keks.ts';
import { MAX_SECRET_BYTES, RESTORE, readSealHeader, type SealHeader, toFields } from './seal-format.ts';

/**
 * Seals a secret (a private key as PKCS#8 DER, 64 KiB at most) under a key-encryption key, bound to whose it is. The caller
 * zeroes `secret`; jwe.ts says what else is zeroed.
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
  return await encryptJwe(secret, kek.key, toFields(header, kek.number));
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
    throw sealBroken('A sealed key was found in the place of another', RESTORE);
  const kek = keks.get(header.kekNumber);
  if (kek === undefined)
    throw sealBroken(
      `A sealed key needs key-encryption key ${header.kekNumber}, which the keyring does not hold`,
      `Restore the keyring that has key ${header.kekNumber} from the backup directory, then start the crypto server again.`,
    );
  try {
    return await decryptJwe(jwe, kek.key, String(kek.number));
  } catch (cause) {
    throw sealBroken(
      `A sealed key does not open with key-encryption key ${kek.number}`,
      'Check that keyring and sealed keys in Redis are of the same system. If they are, restore the sealed keys from a backup; or delete st:{<tenant>}:key:<key id> in Redis and import the private key again.',
      cause,
    );
  }
}
