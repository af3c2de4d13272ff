import type { Envelope } from '@sealtrack/envelope/envelope';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import type { FindHeldKey } from './find-held-key.ts';

export interface UnwrappedKey {
  /** The caller's to wipe. */
  readonly dek: Buffer;
  /** Whose private key opened it. */
  readonly certificateId: CertificateId;
}

export type UnwrapMediaKey = (
  tenantId: TenantId,
  envelope: Envelope,
  certificateIds: readonly string[],
  signal?: AbortSignal,
) => Promise<UnwrappedKey>;

/** Finds a key that is held here and uses it, in one: of holding keys, which are nobody else's to ask for. Throws as both do. */
export const createUnwrapMediaKey =
  (findHeldKey: FindHeldKey): UnwrapMediaKey =>
  async (tenantId, envelope, certificateIds, signal) => {
    const { certificateId, dek } = await findHeldKey(tenantId, envelope, certificateIds, signal);
    return { dek: await dek(), certificateId };
  };
