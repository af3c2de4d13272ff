import { createHash } from 'node:crypto';
import type { MediaId, ProfileId, RecordingId, TenantId } from '@sealtrack/ids/ids';
import type { MediaType } from '@sealtrack/ids/media-types';

/** Where things lie in the media store. Changing any of these strands what is stored. */

// Spreads a tenant's recordings over 256 folders, so that none grows past what file systems like.
const shard = (recordingId: RecordingId) =>
  createHash('sha256').update(recordingId).digest('hex').slice(0, 2);

const folder = (tenantId: TenantId, recordingId: RecordingId) =>
  `recordings/${tenantId}/${shard(recordingId)}/${recordingId}`;

export const manifestKey = (tenantId: TenantId, recordingId: RecordingId) =>
  `${folder(tenantId, recordingId)}/recording.json`;

export const ciphertextKey = (tenantId: TenantId, recordingId: RecordingId, name: string) =>
  `${folder(tenantId, recordingId)}/${name}`;

/** Each attempt writes its own ciphertext, so that two at once never mix; the manifest names the one that counts. */
export const ciphertextName = (mediaId: MediaId, attempt: string, isClear: boolean) =>
  `${mediaId}.${attempt}.${isClear ? 'clear' : 'enc'}`;

export const ATTEMPTS = 'attempts';

/** The mark of an attempt whose event may not be out yet: see heal-attempts.ts. */
export const attemptKey = (attempt: string) => `${ATTEMPTS}/${attempt}.json`;

export const QUARANTINE = 'quarantine';

export const quarantineKey = (tenantId: TenantId, profileId: ProfileId, mediaType: MediaType, name: string) =>
  `${QUARANTINE}/${tenantId}/${profileId}/${mediaType}/${name}`;
