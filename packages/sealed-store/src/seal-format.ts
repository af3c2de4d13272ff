import { AppError } from '@sealtrack/errors/app-error';
import {
  type CertificateId,
  isCertificateId,
  isKeyId,
  isTenantId,
  type KeyId,
  type TenantId,
} from '@sealtrack/ids/ids';

/**
 * A sealed secret is a JWE in compact serialisation (RFC 7516) of exactly this shape and no other. Every field of its
 * header is authenticated; a new field or algorithm takes a new `typ`.
 */
export const TYPE = 'sealtrack-private-key';
/** Key wrap and content encryption: docs/adr/0003-sealed-keys.md says why these. */
export const ALG = 'A256KW';
export const ENC = 'A256GCM';

/** An RSA 8192 key takes 4.7 KB as PKCS#8. */
export const MAX_SECRET_BYTES = 64 * 1024;
export const MAX_SEALED_LENGTH = 96 * 1024;
const MAX_HEADER_LENGTH = 2048;

const FIELDS = ['alg', 'certificateId', 'enc', 'keyId', 'kid', 'tenant', 'typ'];
const KEK_NUMBER = /^[1-9][0-9]{0,8}$/;
/** Of wrapped key (RFC 3394), nonce, and tag. */
const WRAPPED_BYTES = 40;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What a secret is, and whose. */
export interface SealHeader {
  readonly tenant: TenantId;
  readonly keyId: KeyId;
  readonly certificateId: CertificateId;
}

export const toFields = (header: SealHeader, kekNumber: number): Record<string, string> => ({
  typ: TYPE,
  alg: ALG,
  enc: ENC,
  kid: String(kekNumber),
  tenant: header.tenant,
  keyId: header.keyId,
  certificateId: header.certificateId,
});

/**
 * Reads the header without opening the seal, so what it says is not to be trusted: unsealSecret checks it. Nothing of a
 * blob that is not exactly of our shape reaches the library: it would inflate `zip` and derive keys from passwords.
 * @throws AppError SEAL_BROKEN.
 */
export function readSealHeader(jwe: string): SealHeader & { readonly kekNumber: number } {
  if (jwe.length > MAX_SEALED_LENGTH) throw malformed();
  const [header, wrapped, nonce, content, tag, more] = jwe.split('.');
  if (header === undefined || header.length > MAX_HEADER_LENGTH || more !== undefined) throw malformed();
  const sizes = [decoded(wrapped).length, decoded(nonce).length, decoded(tag).length];
  if (sizes.join() !== [WRAPPED_BYTES, NONCE_BYTES, TAG_BYTES].join()) throw malformed();
  if (decoded(content).length > MAX_SECRET_BYTES) throw malformed();

  const fields = parseObject(decoded(header));
  if (Object.keys(fields).sort().join() !== FIELDS.join()) throw malformed();
  const { typ, alg, enc, kid, tenant, keyId, certificateId } = fields;
  if (typ !== TYPE || alg !== ALG || enc !== ENC || kid === undefined || !KEK_NUMBER.test(kid))
    throw malformed();
  if (!isTenantId(tenant ?? '') || !isKeyId(keyId ?? '') || !isCertificateId(certificateId ?? ''))
    throw malformed();
  return {
    tenant: tenant as TenantId,
    keyId: keyId as KeyId,
    certificateId: certificateId as CertificateId,
    kekNumber: Number(kid),
  };
}

/** Only the one canonical spelling: the library also takes others. */
function decoded(part: string | undefined): Buffer {
  const bytes = Buffer.from(part ?? '', 'base64url');
  if (part === undefined || bytes.toString('base64url') !== part) throw malformed();
  return bytes;
}

/** A JSON object of strings. */
function parseObject(bytes: Buffer): Record<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    throw malformed();
  }
  if (typeof value !== 'object' || value === null) throw malformed();
  if (Object.values(value).some((field) => typeof field !== 'string')) throw malformed();
  return value as Record<string, string>;
}

// Importing alone leaves what is there: see SealedStore.put.
const RESTORE =
  'Restore the sealed keys in Redis from a backup. Who has the private key itself can delete st:{<tenant>}:key:<key id> and import it again.';

export const sealBroken = (message: string, fix: string = RESTORE, cause?: unknown) =>
  new AppError('SEAL_BROKEN', message, { fix, cause });

const malformed = () => sealBroken('A sealed key is not in the form that Sealtrack seals keys in');
