import type { Envelope } from '@sealtrack/envelope/envelope';
import type { KeyDecryptionPool } from '@sealtrack/envelope/key-decryption-pool';
import { unwrapDek } from '@sealtrack/envelope/unwrap';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import type { OpenKeys } from './open-keys.ts';

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

export interface UnwrapMediaKeyDeps {
  readonly openKeys: Pick<OpenKeys, 'get'>;
  readonly decryptKey: KeyDecryptionPool['decryptKey'];
}

/**
 * Opens the envelope with the first recipient whose key is held here and opens. Neither a broken seal, nor one that was deleted, nor one
 * that the envelope does not name keeps the recording from being played with another key.
 * @throws AppError KEY_NOT_HELD, or SEAL_BROKEN or CERTIFICATE_DELETED when that is why there is none; TOO_MANY_DECRYPTIONS and the others of
 * KeyDecryptionPool.
 */
export function createUnwrapMediaKey({ openKeys, decryptKey }: UnwrapMediaKeyDeps): UnwrapMediaKey {
  return async (tenantId, envelope, certificateIds, signal) => {
    let broken: AppError | undefined;
    for (const certificateId of certificateIds as readonly CertificateId[]) {
      try {
        const key = await openKeys.get(tenantId, certificateId);
        if (key === undefined) continue;
        const dek = await unwrapDek(envelope, key, (...operation) => decryptKey(...operation, signal));
        return { dek, certificateId };
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
