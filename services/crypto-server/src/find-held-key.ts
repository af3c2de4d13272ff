import type { Envelope } from '@sealtrack/envelope/envelope';
import type { KeyDecryptionPool } from '@sealtrack/envelope/key-decryption-pool';
import { findRecipient, unwrapDek } from '@sealtrack/envelope/unwrap';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import type { FoundKey } from './key-use.ts';
import type { OpenKeys } from './open-keys.ts';

/** Whose key, of which the envelope names one. */
export type FindHeldKey = (
  tenantId: TenantId,
  envelope: Envelope,
  certificateIds: readonly string[],
  signal?: AbortSignal,
) => Promise<FoundKey>;

export interface FindHeldKeyDeps {
  readonly openKeys: Pick<OpenKeys, 'get'>;
  readonly decryptKey: KeyDecryptionPool['decryptKey'];
}

/**
 * The first of the certificates whose key is held here and opens, and that the envelope names. Neither a broken seal, nor one that was
 * deleted, nor one that the envelope does not name keeps the recording from being played with another key.
 * Using it is one RSA operation, and throws ENVELOPE_INVALID, TOO_MANY_DECRYPTIONS and the others of KeyDecryptionPool.
 * @throws AppError KEY_NOT_HELD, or SEAL_BROKEN or CERTIFICATE_DELETED when that is why there is none; ENVELOPE_INVALID.
 */
export function createFindHeldKey({ openKeys, decryptKey }: FindHeldKeyDeps): FindHeldKey {
  return async (tenantId, envelope, certificateIds, signal) => {
    let broken: AppError | undefined;
    for (const certificateId of certificateIds as readonly CertificateId[]) {
      try {
        const key = await openKeys.get(tenantId, certificateId);
        if (key === undefined) continue;
        findRecipient(envelope, key.certificate);
        const dek = () => unwrapDek(envelope, key, (...operation) => decryptKey(...operation, signal));
        return { certificateId, dek };
      } catch (error) {
        if (hasCode(error, 'SEAL_BROKEN') || hasCode(error, 'CERTIFICATE_DELETED')) broken = error;
        // The manifest's list may name a certificate that the envelope does not.
        else if (!hasCode(error, 'KEY_NOT_HELD')) throw error;
      }
    }
    throw broken ?? notHeld(certificateIds);
  };
}

const notHeld = (certificateIds: readonly string[]) =>
  new AppError('KEY_NOT_HELD', 'No private key that opens this recording is held here', {
    fix: 'Import one of the certificates that it is encrypted to, in certificate_ids, with its private key.',
    details: { certificate_ids: certificateIds.join(' ') },
  });
