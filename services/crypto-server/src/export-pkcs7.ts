import type {
  ExportPkcs7Request,
  ExportPkcs7Response,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { sealedMedia } from '@sealtrack/envelope/manifest';
import { splicePkcs7 } from '@sealtrack/envelope/splice';
import { parseLine } from '@sealtrack/ids/line';
import { parseMediaId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import type { MediaStore } from '@sealtrack/media-store/media-store';
import { steadily } from '@sealtrack/service-kit/steady-memory';
import { type CallerContext, callerText } from './caller-context.ts';
import { checkCiphertextSize } from './check-ciphertext-size.ts';
import type { FindMedia } from './find-media.ts';
import type { AuditTrail } from './ports.ts';

/** DecryptionService.ExportPkcs7: the stored ciphertext, framed as a PKCS#7 file. No key is touched. */
export function createExportPkcs7(
  findMedia: FindMedia,
  audit: Pick<AuditTrail, 'exportRequested'>,
  store: MediaStore,
) {
  return async function* (
    request: ExportPkcs7Request,
    caller: CallerContext,
  ): AsyncGenerator<ExportPkcs7Response> {
    const tenantId = parseTenantId(request.tenantId);
    const recordingId = parseRecordingId(request.recordingId);
    const mediaId = parseMediaId(request.mediaId);
    const found = await findMedia(tenantId, recordingId, mediaId, caller.signal);
    const { manifestBytes, ciphertextKey } = found;
    const media = sealedMedia(found.media);
    await audit.exportRequested(
      {
        tenantId,
        recordingId,
        mediaId,
        caller: callerText(caller),
        purpose: parseLine('purpose', request.purpose, { min: 0, max: 256 }),
      },
      caller.traceparent,
    );
    await checkCiphertextSize(store, found);
    const { prefix, suffix, size } = splicePkcs7(media.envelope, media.ciphertextSize);
    yield { part: { $case: 'header', value: { size: BigInt(size), manifest: manifestBytes } } };
    yield chunk(prefix);
    const ciphertext = store.read(ciphertextKey, { length: media.ciphertextSize, signal: caller.signal });
    for await (const bytes of steadily(ciphertext)) yield chunk(bytes);
    yield chunk(suffix);
  };
}

const chunk = (bytes: Uint8Array): ExportPkcs7Response => ({
  part: { $case: 'chunk', value: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) },
});
