import { createHash } from 'node:crypto';
import type {
  UnwrapKeysRequest,
  UnwrapKeysResponse,
  UnwrappedKey,
  WrappedKey,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import type { UnwrappedMediaKey } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import type { AppError } from '@sealtrack/errors/app-error';
import type { ErrorCode } from '@sealtrack/errors/codes';
import type { CertificateId, MediaId, RecordingId } from '@sealtrack/ids/ids';
import { parseLine } from '@sealtrack/ids/line';
import { parseCertificateId, parseMediaId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import { AT_ONCE, checkCount, errorOf, NO_ERROR, orItsError, parseDer } from './batch.ts';
import { type CallerContext, callerText } from './caller-context.ts';
import { eachOf } from './each-of.ts';
import { createInSlices } from './in-slices.ts';
import type { AuditTrail, EncryptToCaller } from './ports.ts';
import type { UnwrapMediaKey } from './unwrap-media-key.ts';

const MAX_KEYS = 64;
const MAX_CERTIFICATES = 16;
const MAX_PURPOSE = 256;

export interface UnwrapKeysDeps {
  readonly unwrap: UnwrapMediaKey;
  readonly encryptTo: EncryptToCaller;
  readonly audit: Pick<AuditTrail, 'keysUnwrapped'>;
}

interface Asked {
  readonly recordingId: RecordingId;
  readonly mediaId: MediaId;
  readonly envelope: Buffer;
  readonly certificateIds: readonly CertificateId[];
}

interface Opened {
  readonly dek: Buffer;
  readonly record: UnwrappedMediaKey;
}

/**
 * DecryptionService.UnwrapKeys. What stands in the way of one key is said of that one; what stands in the way of all,
 * such as too many who wait, fails the call. No session key leaves before the record that names it is durable.
 */
export function createUnwrapKeys({ unwrap, encryptTo, audit }: UnwrapKeysDeps) {
  const inSlices = createInSlices();
  return async (request: UnwrapKeysRequest, caller: CallerContext): Promise<UnwrapKeysResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const purpose = parseLine('purpose', request.purpose, { min: 0, max: MAX_PURPOSE });
    const encrypt = encryptTo('public_key', request.publicKey);
    const keys = parseKeys(request.keys);
    const opened: Opened[] = [];

    async function open(asked: Asked): Promise<Opened> {
      const envelope = parseDer(asked.envelope);
      const { dek, certificateId } = await unwrap(tenantId, envelope, asked.certificateIds, caller.signal);
      const { recordingId, mediaId } = asked;
      const envelopeDigest = createHash('sha256').update(asked.envelope).digest('hex');
      const result = { dek, record: { recordingId, mediaId, certificateId, envelopeDigest } };
      opened.push(result);
      return result;
    }

    try {
      const outcomes = await eachOf(keys, AT_ONCE, (key) => orItsError(OF_ONE_KEY, () => open(key)));
      const inOrder = outcomes.filter(isOpened);
      if (inOrder.length === 0) return { jwe: '', keys: outcomes.map(answer) };
      const onRecord = inOrder.map(({ record }) => record);
      await audit.keysUnwrapped(
        { tenantId, caller: callerText(caller), purpose, keys: onRecord },
        caller.traceparent,
      );
      // The bus acknowledges many records at once, and each JWE takes a fifth of a millisecond.
      const jwe = await inSlices(() => encryptAll(encrypt, inOrder));
      return { jwe, keys: outcomes.map(answer) };
    } finally {
      for (const { dek } of opened) dek.fill(0);
    }
  };
}

const OF_ONE_KEY: ReadonlySet<ErrorCode> = new Set([
  ...(['KEY_NOT_HELD', 'CERTIFICATE_DELETED', 'SEAL_BROKEN', 'ENVELOPE_INVALID'] as const),
]);

function parseKeys(keys: readonly WrappedKey[]): Asked[] {
  checkCount('keys', keys, MAX_KEYS);
  return keys.map(({ recordingId, mediaId, envelope, certificateIds }) => {
    checkCount('certificate_ids', certificateIds, MAX_CERTIFICATES);
    return {
      recordingId: parseRecordingId(recordingId),
      mediaId: parseMediaId(mediaId),
      envelope,
      certificateIds: certificateIds.map(parseCertificateId),
    };
  });
}

const isOpened = (outcome: Opened | AppError): outcome is Opened => 'dek' in outcome;

function encryptAll(encrypt: (secrets: Buffer) => string, opened: readonly Opened[]): string {
  const secrets = Buffer.concat(opened.map(({ dek }) => dek));
  try {
    return encrypt(secrets);
  } finally {
    secrets.fill(0);
  }
}

const answer = (outcome: Opened | AppError): UnwrappedKey =>
  isOpened(outcome)
    ? { ...NO_ERROR, size: outcome.dek.length, certificateId: outcome.record.certificateId }
    : { size: 0, certificateId: '', ...errorOf(outcome) };
