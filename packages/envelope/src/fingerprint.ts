import { createHash } from 'node:crypto';
import type { MediaId, ProfileId, RecordingId, TenantId } from '@sealtrack/ids/ids';

/** What was said of a media file when it was handed over. */
export interface CaptureFacts {
  readonly tenantId: TenantId;
  readonly profileId: ProfileId;
  readonly recordingId: RecordingId;
  readonly mediaId: MediaId;
  readonly contentType: string;
  readonly startedAt: Date;
  /** In the order of their names. */
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * SHA-256, in hex, over what the pipeline said. A second capture under the same id is a retry when this and the
 * size agree. A digest of the media would say more, but would let anyone who reads a manifest confirm a guess of
 * what was said.
 */
export function fingerprint(facts: CaptureFacts): string {
  const said = [
    facts.tenantId,
    facts.profileId,
    facts.recordingId,
    facts.mediaId,
    facts.contentType,
    facts.startedAt.toISOString(),
    Object.entries(facts.attributes),
  ];
  return createHash('sha256').update(JSON.stringify(said)).digest('hex');
}
