import { createHash, randomUUID } from 'node:crypto';
import type { WrappedKey } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import type { UnwrappedMediaKey } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import type { CertificateId, MediaId, RecordingId, TenantId } from '@sealtrack/ids/ids';
import { parseCertificateId, parseMediaId, parseRecordingId } from '@sealtrack/ids/parse';
import { checkCount, parseDer } from './batch.ts';
import type { CallerContext } from './caller-context.ts';
import { countingFailures, type Failures } from './failures.ts';
import type { FindMediaKey } from './key-use.ts';

const MAX_CERTIFICATES = 16;

/** A session key that somebody wants for himself. */
export interface AskedKey {
  readonly recordingId: RecordingId;
  readonly mediaId: MediaId;
  readonly envelope: Buffer;
  readonly certificateIds: readonly CertificateId[];
}

/** For whom, and why. */
export interface Asking {
  readonly tenantId: TenantId;
  readonly purpose: string;
  readonly caller: CallerContext;
}

export interface OpenedKey {
  /** The caller's to wipe. */
  readonly dek: Buffer;
  readonly record: UnwrappedMediaKey;
}

export type OpenWrappedKey = (asked: AskedKey, asking: Asking) => Promise<OpenedKey>;

/** @throws AppError as FindMediaKey and FoundKey; TOO_MANY_FAILURES. */
export const createOpenWrappedKey =
  (findKey: FindMediaKey, failures: Failures): OpenWrappedKey =>
  async ({ recordingId, mediaId, envelope, certificateIds }, asking) => {
    const accessId = randomUUID();
    const ids = { recordingId, mediaId, accessId };
    const use = { ...asking, ...ids, ...ON_HIS_OWN, action: 'unwrap' } as const;
    const key = await findKey(use, parseDer(envelope), certificateIds);
    const { certificateId } = key;
    const envelopeDigest = createHash('sha256').update(envelope).digest('hex');
    const dek = await countingFailures(failures, use, certificateId, key.dek);
    return { dek, record: { ...ids, certificateId, envelopeDigest } };
  };

const ON_HIS_OWN = { onBehalfOf: { user: '', ticketId: '' }, ticket: '', clientAddress: '' };

/** @throws AppError INVALID_ARGUMENT. */
export function parseWrappedKey({ recordingId, mediaId, envelope, certificateIds }: WrappedKey): AskedKey {
  checkCount('certificate_ids', certificateIds, MAX_CERTIFICATES);
  return {
    recordingId: parseRecordingId(recordingId),
    mediaId: parseMediaId(mediaId),
    envelope,
    certificateIds: certificateIds.map(parseCertificateId),
  };
}
