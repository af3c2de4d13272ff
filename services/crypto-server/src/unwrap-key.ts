import type {
  UnwrapKeyRequest,
  UnwrapKeyResponse,
  WrappedKey,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { sealedMedia } from '@sealtrack/envelope/manifest';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import { parseMediaId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import { type CallerContext, callerText } from './caller-context.ts';
import type { FindMedia } from './find-media.ts';
import { type AskedKey, type OpenWrappedKey, parseWrappedKey } from './open-wrapped-key.ts';
import { parsePurpose } from './parse-purpose.ts';
import type { AuditTrail, EncryptToCaller } from './ports.ts';

export interface UnwrapKeyDeps {
  readonly findMedia: FindMedia;
  readonly open: OpenWrappedKey;
  readonly encryptTo: EncryptToCaller;
  readonly audit: Pick<AuditTrail, 'keysUnwrapped'>;
}

/** DecryptionService.UnwrapKey. The session key does not leave before the record that names it is durable. */
export function createUnwrapKey({ findMedia, open, encryptTo, audit }: UnwrapKeyDeps) {
  async function asked(tenantId: TenantId, key: WrappedKey, signal: AbortSignal): Promise<AskedKey> {
    if (key.envelope.length > 0) return parseWrappedKey(key);
    const ids = { recordingId: parseRecordingId(key.recordingId), mediaId: parseMediaId(key.mediaId) };
    const { media } = await findMedia(tenantId, ids.recordingId, ids.mediaId, signal);
    const { envelope, certificateIds } = sealedMedia(media);
    return { ...ids, envelope, certificateIds: certificateIds as readonly CertificateId[] };
  }

  return async (request: UnwrapKeyRequest, caller: CallerContext): Promise<UnwrapKeyResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const purpose = parsePurpose(request.purpose);
    const encrypt = encryptTo('public_key', request.publicKey);
    if (request.key === undefined) throw missing();
    const wrapped = await asked(tenantId, request.key, caller.signal);
    const { dek, record } = await open(wrapped, { tenantId, purpose, caller });
    try {
      await audit.keysUnwrapped(
        { tenantId, caller: callerText(caller), purpose, keys: [record] },
        caller.traceparent,
      );
      return { jwe: encrypt(dek), certificateId: record.certificateId };
    } finally {
      dek.fill(0);
    }
  };
}

const missing = () =>
  new AppError('INVALID_ARGUMENT', 'key is missing', {
    fix: 'Name the recording in key, with its envelope or without.',
    details: { field: 'key' },
  });
