/**
 * Branded identifiers. A value of one of these types was checked where it came in, so it is safe as a NATS
 * subject token, a Redis key part and a file name.
 */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type TenantId = Branded<'TenantId'>;
/** The IVR profile's DBID, in decimal digits. */
export type ProfileId = Branded<'ProfileId'>;
export type RecordingId = Branded<'RecordingId'>;
/** One media file within a recording. */
export type MediaId = Branded<'MediaId'>;
/** SHA-256 of the DER certificate, lower-case hex. */
export type CertificateId = Branded<'CertificateId'>;
/** SHA-256 of the SubjectPublicKeyInfo, lower-case hex: a renewed certificate on the same key has the same one. */
export type KeyId = Branded<'KeyId'>;

/** The media id of a recording that has only one media file. */
export const MAIN_MEDIA = 'main' as MediaId;

const SHA256_HEX = /^[0-9a-f]{64}$/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

export const isTenantId = (text: string): text is TenantId => /^[a-z0-9][a-z0-9-]{0,62}$/.test(text);
export const isProfileId = (text: string): text is ProfileId => /^[1-9][0-9]{0,17}$/.test(text);
export const isRecordingId = (text: string): text is RecordingId => NAME.test(text);
export const isMediaId = (text: string): text is MediaId => NAME.test(text);
export const isCertificateId = (text: string): text is CertificateId => SHA256_HEX.test(text);
export const isKeyId = (text: string): text is KeyId => SHA256_HEX.test(text);
