import { randomUUID } from 'node:crypto';
import type {
  ExportPkcs7Request,
  ExportPkcs7Response,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { sealedMedia } from '@sealtrack/envelope/manifest';
import { splicePkcs7 } from '@sealtrack/envelope/splice';
import { parseMediaId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import { userOf } from '@sealtrack/ids/person-names';
import { abortable } from '@sealtrack/media-store/abortable';
import type { MediaStore } from '@sealtrack/media-store/media-store';
import { steadily } from '@sealtrack/service-kit/steady-memory';
import { type CallerContext, callerText } from './caller-context.ts';
import { checkCiphertextSize } from './check-ciphertext-size.ts';
import type { FindMedia } from './find-media.ts';
import type { Outcomes } from './outcomes.ts';
import { parsePurpose } from './parse-purpose.ts';
import type { AuditTrail } from './ports.ts';
import { unlessAborted } from './unless-aborted.ts';
import { whenOnRecord } from './when-on-record.ts';
import { withinTime } from './within-time.ts';

export interface ExportPkcs7Deps {
  readonly findMedia: FindMedia;
  readonly audit: Pick<AuditTrail, 'exportRequested'>;
  readonly outcomes: Pick<Outcomes, 'begin'>;
  readonly store: Pick<MediaStore, 'read' | 'size'>;
  /** For all that comes before the first byte, in milliseconds. */
  readonly openMs: number;
}

/** DecryptionService.ExportPkcs7: the stored ciphertext, framed as a PKCS#7 file. No key is touched. */
export function createExportPkcs7({ findMedia, audit, outcomes, store, openMs }: ExportPkcs7Deps) {
  return async function* (
    request: ExportPkcs7Request,
    caller: CallerContext,
  ): AsyncGenerator<ExportPkcs7Response> {
    using time = withinTime(caller.signal, openMs);
    const { signal } = time;
    const tenantId = parseTenantId(request.tenantId);
    const recordingId = parseRecordingId(request.recordingId);
    const mediaId = parseMediaId(request.mediaId);
    const purpose = parsePurpose(request.purpose);
    const user = userOf(caller.names) ?? '';
    const found = await findMedia(tenantId, recordingId, mediaId, signal);
    const media = sealedMedia(found.media);
    const ids = { tenantId, recordingId, mediaId, caller: callerText(caller), accessId: randomUUID() };
    using outcome = outcomes.begin({ ...ids, certificateId: '' }, caller);
    const chunk = (bytes: Uint8Array): ExportPkcs7Response => {
      outcome.handingOut(bytes.length);
      return chunkOf(bytes);
    };
    try {
      const onRecord = audit.exportRequested({ ...ids, purpose, user }, caller.traceparent);
      await whenOnRecord(onRecord, unlessAborted(checkCiphertextSize(store, found), signal), time);
      time.unlimited();
      const { prefix, suffix, size } = splicePkcs7(media.envelope, media.ciphertextSize);
      yield { part: { $case: 'header', value: { size: BigInt(size), manifest: found.manifestBytes } } };
      yield chunk(prefix);
      const stored = store.read(found.ciphertextKey, { length: media.ciphertextSize, signal });
      for await (const bytes of steadily(abortable(stored, signal))) yield chunk(bytes);
      yield chunk(suffix);
      outcome.complete();
    } catch (error) {
      outcome.failed(error);
      throw error;
    }
  };
}

const chunkOf = (bytes: Uint8Array): ExportPkcs7Response => ({
  part: { $case: 'chunk', value: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) },
});
