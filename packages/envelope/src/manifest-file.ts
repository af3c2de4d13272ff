import { isCertificateId, isMediaId, isProfileId, isRecordingId, isTenantId } from '@sealtrack/ids/ids';
import { MEDIA_TYPES } from '@sealtrack/ids/media-types';
import { z } from 'zod';
import { MAX_SEALED_WAVEFORM_SIZE } from './sealed-waveform.ts';
import { SEGMENT_SIZE } from './segment-tags.ts';
import { SUITE_NAMES, SUITES } from './suites.ts';

function id<Id extends string>(is: (text: string) => text is Id) {
  return z.custom<Id>((value) => typeof value === 'string' && is(value), 'is not an id of its kind');
}
const size = z.int().nonnegative();
const MAX_BASE64 = 4 * Math.ceil(MAX_SEALED_WAVEFORM_SIZE / 3);
const reason = z.string().regex(/^[a-z-]{1,64}$/);

const naming = {
  mediaId: id(isMediaId),
  // The envelope is bound to it in UTF-8, in which all lone surrogates look the same.
  contentType: z
    .string()
    .min(1)
    .max(256)
    .refine((text) => text.isWellFormed(), 'is not Unicode'),
  // A file beside the manifest: never a path out of the recording's folder.
  ciphertext: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/),
};
const sizes = { plaintextSize: size, ciphertextSize: size, segmentSize: z.literal(SEGMENT_SIZE) };
/** What it decodes to is judged by who opens it: a recording is not lost with its waveform. */
const waveform = z.string().max(MAX_BASE64).optional();
const sums = { tags: z.string(), checksum: z.string().regex(/^gmac0:[0-9a-f]{32}$/) };

const sealedMedia = z
  .object({
    ...naming,
    suite: z.enum(SUITE_NAMES),
    pkcs7: z.string().max(1024 * 1024),
    envelopeMac: z.string().regex(/^[0-9a-f]{64}$/),
    ...sizes,
    tagSalt: z
      .string()
      .regex(/^[0-9a-f]{32}$/)
      .optional(),
    ...sums,
    waveform,
    certificateIds: z.array(id(isCertificateId)).min(1).max(256),
  })
  .refine(
    ({ suite, plaintextSize, ciphertextSize }) =>
      SUITES[suite].cipher.ciphertextSize(plaintextSize) === ciphertextSize,
    { path: ['ciphertextSize'], error: 'does not fit plaintextSize' },
  );

/** What has an envelope was encrypted, whatever else it says of itself. */
const none = z.never({ error: 'has no place in media that is stored in clear' }).optional();

const clearMedia = z
  .object({
    ...naming,
    suite: z.literal('clear'),
    pkcs7: none,
    envelopeMac: none,
    ...sizes,
    tagSalt: none,
    ...sums,
    waveform,
    certificateIds: z.array(id(isCertificateId)).max(0),
  })
  .refine(({ plaintextSize, ciphertextSize }) => plaintextSize === ciphertextSize, {
    path: ['ciphertextSize'],
    error: 'does not fit plaintextSize',
  });

/** recording.json as it is written. Fields that are not known here come from a newer version and are passed over. */
export const manifestFile = z
  .object({
    format: z.literal('sealtrack.recording.v1'),
    tenantId: id(isTenantId),
    recordingId: id(isRecordingId),
    profileId: id(isProfileId),
    mediaType: z.enum(MEDIA_TYPES).optional(),
    startedAt: z.iso.datetime(),
    /** When Sealtrack was handed it. */
    capturedAt: z.iso.datetime().optional(),
    encryptedAt: z.iso.datetime(),
    attributes: z
      .record(z.string().max(128), z.string().max(4096))
      .refine((attributes) => Object.keys(attributes).length <= 64, 'has more than 64 entries'),
    fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
    /** Why it is sealed to the tenant's holding key, and since when. */
    quarantine: z.object({ reason, since: z.iso.datetime() }).optional(),
    /** Why its media are not encrypted. */
    inClear: z.object({ policy: z.enum(['optional', 'off']), reason }).optional(),
    /** When it was last sealed to other certificates. */
    rewrappedAt: z.iso.datetime().optional(),
    manifestChecksum: z
      .string()
      .regex(/^gmac0:[0-9a-f]{32}$/)
      .optional(),
    media: z
      .array(z.discriminatedUnion('suite', [sealedMedia, clearMedia]))
      .min(1)
      .max(64),
  })
  .superRefine(({ inClear, quarantine, media }, { addIssue }) => {
    const refuse = (path: string, message: string) => addIssue({ code: 'custom', path: [path], message });
    if (media.some(({ suite }) => (suite === 'clear') !== (inClear !== undefined)))
      refuse('inClear', 'does not say of the media what they are');
    if (inClear !== undefined && quarantine !== undefined)
      refuse('quarantine', 'holds back nothing that is stored in clear');
  });

export type ManifestFile = z.infer<typeof manifestFile>;
export type SealedMediaEntry = z.infer<typeof sealedMedia>;
export type ClearMediaEntry = z.infer<typeof clearMedia>;
