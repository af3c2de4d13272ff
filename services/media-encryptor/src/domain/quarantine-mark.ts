import type { Manifest } from '@sealtrack/envelope/manifest';
import {
  isProfileId,
  isRecordingId,
  isTenantId,
  type ProfileId,
  type RecordingId,
  type TenantId,
} from '@sealtrack/ids/ids';
import { isMediaType, type MediaType } from '@sealtrack/ids/media-types';
import type { CaptureHeader } from './capture-header.ts';
import { manifestKey, QUARANTINE, quarantineKey } from './layout.ts';

/**
 * Says that a recording may be sealed to the holding key. One for every attempt that holds a recording, so that whoever
 * gives up an attempt removes its mark and no other. All that a sweep has to know is in its key.
 */
export interface QuarantineMark {
  readonly key: string;
  readonly tenantId: TenantId;
  readonly profileId: ProfileId;
  readonly mediaType: MediaType;
  readonly recordingId: RecordingId;
  /** Its id. */
  readonly attempt: string;
}

/** As it lies in the store. */
export interface ListedMark extends QuarantineMark {
  /** A release lies beside it: somebody began one, and may have come as far as the manifest. */
  readonly isDecided: boolean;
}

type Marked = Pick<CaptureHeader, 'tenantId' | 'profileId' | 'mediaType' | 'recordingId'>;

export function quarantineMark(
  { tenantId, profileId, mediaType, recordingId }: Marked,
  attempt: string,
): QuarantineMark {
  const key = quarantineKey(tenantId, profileId, mediaType, `${recordingId}.${attempt}.json`);
  return { key, tenantId, profileId, mediaType, recordingId, attempt };
}

const NAME = /^([A-Za-z0-9_-]+)\.([0-9a-f]{24})\.(json|release)$/;

/** Of the key of a mark, or of the release that lies beside it; undefined when it is neither. */
export function parseQuarantineKey(key: string): QuarantineMark | undefined {
  const [folder, tenantId = '', profileId = '', mediaType = '', name = '', ...more] = key.split('/');
  const [, recordingId = '', attempt = ''] = NAME.exec(name) ?? [];
  const isOne =
    folder === QUARANTINE &&
    isTenantId(tenantId) &&
    isProfileId(profileId) &&
    isMediaType(mediaType) &&
    isRecordingId(recordingId) &&
    more.length === 0;
  return isOne ? quarantineMark({ tenantId, profileId, mediaType, recordingId }, attempt) : undefined;
}

/** Where encryptors that release the recording at once agree on its new manifest. */
export const releaseKey = ({ key }: QuarantineMark): string => key.replace(/json$/, 'release');

export const manifestKeyOf = ({ tenantId, recordingId }: QuarantineMark): string =>
  manifestKey(tenantId, recordingId);

/** Whether the recording is the one that the mark's attempt stored. */
export const isOfAttempt = ({ attempt }: QuarantineMark, { media }: Manifest): boolean =>
  media.some(({ ciphertext }) => ciphertext.includes(`.${attempt}.`));
