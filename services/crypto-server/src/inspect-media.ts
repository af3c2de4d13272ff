import type {
  InspectMediaRequest,
  InspectMediaResponse,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { describeManifest } from '@sealtrack/envelope/describe-manifest';
import { parseMediaId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import type { CallerContext } from './caller-context.ts';
import type { FindMedia } from './find-media.ts';

export interface InspectMediaDeps {
  readonly findMedia: FindMedia;
}

/** Beside the ciphertext, as ExportPkcs7 and the media store have it. */
const MANIFEST = 'recording.json';

/** DecryptionService.InspectMedia. No key is used, and nothing of the media is in it, so that it is on no record. */
export function createInspectMedia({ findMedia }: InspectMediaDeps) {
  return async (
    request: InspectMediaRequest,
    { signal }: Pick<CallerContext, 'signal'>,
  ): Promise<InspectMediaResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const recordingId = parseRecordingId(request.recordingId);
    const mediaId = parseMediaId(request.mediaId);
    const { manifest, media } = await findMedia(tenantId, recordingId, mediaId, signal);
    return { document: JSON.stringify(describeManifest(manifest, { name: MANIFEST }, [media])) };
  };
}
