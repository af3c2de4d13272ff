import type { RewrappedMediaKey } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import type {
  HeldMedia,
  RewrapHeldMediaRequest,
  RewrapHeldMediaResponse,
  RewrappedMedia,
} from '@sealtrack/contracts/gen/sealtrack/holding/v1/holding';
import { boundTo } from '@sealtrack/envelope/manifest';
import { rewrapMedia } from '@sealtrack/envelope/rewrap';
import type { EnvelopedMedia } from '@sealtrack/envelope/sealed-media';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { ErrorCode } from '@sealtrack/errors/codes';
import type { CertificateId, MediaId, RecordingId, TenantId } from '@sealtrack/ids/ids';
import { parseCertificateId, parseMediaId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import type { Log } from '@sealtrack/service-kit/logger';
import { AT_ONCE, checkCount, errorOf, NO_ERROR, orItsError, parseDer } from './batch.ts';
import { type CallerContext, callerText } from './caller-context.ts';
import { eachOf } from './each-of.ts';
import { holdingCertificates } from './holding-certificates.ts';
import { createInSlices } from './in-slices.ts';
import type { AuditTrail, Certificates } from './ports.ts';
import { createRecordFailure } from './record-failure.ts';
import type { UnwrapMediaKey } from './unwrap-media-key.ts';
import { type UsableRecipientsDeps, usableRecipients } from './usable-recipients.ts';

const MAX_MEDIA = 64;
const MAX_CERTIFICATES = 16;

export interface RewrapHeldMediaDeps extends UsableRecipientsDeps {
  readonly certificates: Pick<Certificates, 'get' | 'page'>;
  readonly unwrap: UnwrapMediaKey;
  readonly audit: Pick<AuditTrail, 'mediaRewrapped' | 'decryptFailed'>;
  readonly log: Log;
}

interface Asked {
  readonly recordingId: RecordingId;
  readonly mediaId: MediaId;
  readonly media: EnvelopedMedia;
  readonly certificateIds: readonly CertificateId[];
}

interface Rewrapped {
  readonly envelope: Buffer;
  readonly envelopeMac: Buffer;
  readonly record: RewrappedMediaKey;
}

/**
 * HoldingService.RewrapHeldMedia. Only what a holding key of the tenant opens is opened, and only a session key that is
 * that of the very recording which is named goes on: the envelope's MAC says so. What stands in the way of one is said of
 * that one; what stands in the way of all fails the call. Nothing leaves before the record that names it is durable.
 */
export function createRewrapHeldMedia(deps: RewrapHeldMediaDeps) {
  const { certificates, unwrap, audit, log } = deps;
  const inSlices = createInSlices();
  const recordFailure = createRecordFailure(audit, log);

  return async (request: RewrapHeldMediaRequest, caller: CallerContext): Promise<RewrapHeldMediaResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const media = parseAll(tenantId, request.media);
    const holding = await holdingCertificates(certificates, tenantId, 'also');
    const holdingIds = holding.map(({ certificateId }) => certificateId);
    const recipientsOf = usableRecipients(deps, tenantId);

    async function rewrap({ recordingId, mediaId, media, certificateIds }: Asked): Promise<Rewrapped> {
      const envelope = parseDer(media.envelope);
      const recipients = await recipientsOf(certificateIds);
      const { dek, certificateId } = await unwrap(tenantId, envelope, holdingIds, caller.signal).catch(
        (error: unknown) => {
          throw hasCode(error, 'KEY_NOT_HELD') ? notHeldBack(tenantId, recordingId) : error;
        },
      );
      try {
        // Each recipient is one RSA operation on this thread.
        const renewed = await inSlices(() => rewrapMedia(media, dek, recipients));
        const { envelope, envelopeMac } = renewed;
        const ids = { recordingId, mediaId, fromCertificateId: certificateId };
        return { envelope, envelopeMac, record: { ...ids, toCertificateIds: [...certificateIds] } };
      } catch (error) {
        const access = { tenantId, recordingId, mediaId, certificateId, caller: callerText(caller) };
        await recordFailure(access, error, caller.traceparent);
        throw error;
      } finally {
        dek.fill(0);
      }
    }

    const outcomes = await eachOf(media, AT_ONCE, (each) => orItsError(OF_ONE, () => rewrap(each)));
    const keys = outcomes.filter(isRewrapped).map(({ record }) => record);
    if (keys.length > 0)
      await audit.mediaRewrapped({ tenantId, caller: callerText(caller), keys }, caller.traceparent);
    return { media: outcomes.map(answer) };
  };
}

const OF_ONE: ReadonlySet<ErrorCode> = new Set([
  ...(['KEY_NOT_HELD', 'SEAL_BROKEN', 'ENVELOPE_INVALID', 'DECRYPTION_FAILED'] as const),
  ...(['CERTIFICATE_NOT_FOUND', 'CERTIFICATE_DELETED', 'CERTIFICATE_UNUSABLE'] as const),
  ...(['CERTIFICATE_WEAK', 'PRIVATE_KEY_MISMATCH'] as const),
]);

function parseAll(tenantId: TenantId, media: readonly HeldMedia[]): Asked[] {
  checkCount('media', media, MAX_MEDIA);
  return media.map((each) => {
    checkCount('certificate_ids', each.certificateIds, MAX_CERTIFICATES);
    const recordingId = parseRecordingId(each.recordingId);
    const mediaId = parseMediaId(each.mediaId);
    const { envelope, envelopeMac, contentType, tagSalt } = each;
    return {
      recordingId,
      mediaId,
      media: {
        ...{ envelope, envelopeMac, tagSalt: tagSalt.length === 0 ? undefined : tagSalt },
        plaintextSize: Number(each.plaintextSize),
        ciphertextSize: Number(each.ciphertextSize),
        boundTo: boundTo({ tenantId, recordingId }, { mediaId, contentType }),
      },
      certificateIds: [...new Set(each.certificateIds.map(parseCertificateId))],
    };
  });
}

const isRewrapped = (outcome: Rewrapped | AppError): outcome is Rewrapped => 'record' in outcome;

const answer = (outcome: Rewrapped | AppError): RewrappedMedia =>
  isRewrapped(outcome)
    ? { ...NO_ERROR, envelope: outcome.envelope, envelopeMac: outcome.envelopeMac }
    : { ...errorOf(outcome), envelope: Buffer.alloc(0), envelopeMac: Buffer.alloc(0) };

const notHeldBack = (tenantId: TenantId, recordingId: RecordingId) =>
  new AppError(
    'KEY_NOT_HELD',
    `Recording ${recordingId} is not sealed to a holding key of tenant ${tenantId} that is held here`,
    {
      fix: 'If it was sealed to other certificates meanwhile, nothing is to be done. If its holding key was lost, restore the keys: sealtrack keys restore.',
      details: { recording_id: recordingId },
    },
  );
