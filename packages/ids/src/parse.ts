import { AppError } from '@sealtrack/errors/app-error';
import {
  type CertificateId,
  isCertificateId,
  isKeyId,
  isMediaId,
  isProfileId,
  isRecordingId,
  isTenantId,
  type KeyId,
  MAIN_MEDIA,
  type MediaId,
  type ProfileId,
  type RecordingId,
  type TenantId,
} from './ids.ts';

/** Each returns the id, or throws INVALID_ARGUMENT naming the field, the rule and an example. */
function parser<Id extends string>(is: (text: string) => text is Id, field: string, rule: string) {
  return (text: string): Id => {
    if (is(text)) return text;
    throw new AppError('INVALID_ARGUMENT', `${field} ${text === '' ? 'is missing' : 'is malformed'}`, {
      fix: `Give ${rule}.`,
      details: { field },
    });
  };
}

export const parseTenantId: (text: string) => TenantId = parser(
  isTenantId,
  'tenant_id',
  '1 to 63 of a-z, 0-9 and -, such as "demo"',
);
export const parseProfileId: (text: string) => ProfileId = parser(
  isProfileId,
  'profile_id',
  "the IVR profile's DBID in decimal digits, such as 101",
);
export const parseRecordingId: (text: string) => RecordingId = parser(
  isRecordingId,
  'recording_id',
  '1 to 128 of A-Z, a-z, 0-9, _ and -',
);
const parseNamedMediaId: (text: string) => MediaId = parser(
  isMediaId,
  'media_id',
  '1 to 128 of A-Z, a-z, 0-9, _ and -',
);
/** An empty media id is that of the only media file. */
export const parseMediaId = (text: string): MediaId => (text === '' ? MAIN_MEDIA : parseNamedMediaId(text));
export const parseCertificateId: (text: string) => CertificateId = parser(
  isCertificateId,
  'certificate_id',
  'the SHA-256 of the DER certificate: 64 lower-case hex digits',
);
const MAX_CERTIFICATES = 500;
/** Those that something is asked of at once. Throws INVALID_ARGUMENT for more than 500. */
export function parseCertificateIds(texts: readonly string[]): CertificateId[] {
  if (texts.length <= MAX_CERTIFICATES) return texts.map(parseCertificateId);
  throw new AppError('INVALID_ARGUMENT', `${texts.length} certificates are too many`, {
    fix: `Ask for at most ${MAX_CERTIFICATES} at a time.`,
    details: { field: 'certificate_ids' },
  });
}
export const parseKeyId: (text: string) => KeyId = parser(
  isKeyId,
  'key_id',
  'the SHA-256 of the SubjectPublicKeyInfo: 64 lower-case hex digits',
);
