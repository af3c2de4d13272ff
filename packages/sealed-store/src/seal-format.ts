import {
  type CertificateId,
  isCertificateId,
  isKeyId,
  isTenantId,
  type KeyId,
  type TenantId,
} from '@sealtrack/ids/ids';
import { ALG, ENC } from '@sealtrack/jose/jwe';
import { type JweShape, readJweHeader, sealBroken } from './jwe-format.ts';

/** An RSA 8192 key takes 4.7 KB as PKCS#8. */
export const MAX_SECRET_BYTES = 64 * 1024;
export const MAX_SEALED_LENGTH = 96 * 1024;

const KEK_NUMBER = /^[1-9][0-9]{0,8}$/;

// Importing alone leaves what is there: see SealedStore.put.
export const RESTORE =
  'Restore the sealed keys in Redis from a backup. Who has the private key itself can delete st:{<tenant>}:key:<key id> and import it again.';

const malformed = () => sealBroken('A sealed key is not in the form that Sealtrack seals keys in', RESTORE);

const SEALED_KEY: JweShape = {
  typ: 'sealtrack-private-key',
  fields: ['tenant', 'keyId', 'certificateId'],
  maxLength: MAX_SEALED_LENGTH,
  isSize: (bytes) => bytes <= MAX_SECRET_BYTES,
  malformed,
};

/** What a secret is, and whose. */
export interface SealHeader {
  readonly tenant: TenantId;
  readonly keyId: KeyId;
  readonly certificateId: CertificateId;
}

export const toFields = (header: SealHeader, kekNumber: number) => ({
  typ: SEALED_KEY.typ,
  alg: ALG,
  enc: ENC,
  kid: String(kekNumber),
  tenant: header.tenant,
  keyId: header.keyId,
  certificateId: header.certificateId,
});

/**
 * Reads the header without opening the seal, so what it says is not to be trusted: unsealSecret checks it.
 * @throws AppError SEAL_BROKEN.
 */
export function readSealHeader(jwe: string): SealHeader & { readonly kekNumber: number } {
  const { kid = '', tenant = '', keyId = '', certificateId = '' } = readJweHeader(jwe, SEALED_KEY);
  if (!KEK_NUMBER.test(kid)) throw malformed();
  if (!isTenantId(tenant) || !isKeyId(keyId) || !isCertificateId(certificateId)) throw malformed();
  return { tenant, keyId, certificateId, kekNumber: Number(kid) };
}
