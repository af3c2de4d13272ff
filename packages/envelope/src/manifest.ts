import { AppError } from '@sealtrack/errors/app-error';
import { isCertificateId, isMediaId, isProfileId, isRecordingId, isTenantId } from '@sealtrack/ids/ids';
import { z } from 'zod';
import { hasMoreValues } from './json-values.ts';
import { NO_MANIFEST_CHECKSUM, withManifestChecksum } from './manifest-checksum.ts';
import { pkcs7FromPem, pkcs7ToPem } from './pkcs7-pem.ts';
import type { TaggedMedia } from './sealed-media.ts';
import { SEGMENT_SIZE, segmentCount, TAG_SIZE } from './segment-tags.ts';
import { SUITE_NAMES, SUITES } from './suites.ts';

/** Tags take 85 bytes for every MiB of media, so this is room for 700 GiB. */
export const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;
/** 64 media files with 256 certificates each have 18,000. */
const MAX_VALUES = 100_000;

function id<Id extends string>(is: (text: string) => text is Id) {
  return z.custom<Id>((value) => typeof value === 'string' && is(value), 'is not an id of its kind');
}
const size = z.int().nonnegative();

const media = z
  .object({
    mediaId: id(isMediaId),
    // The envelope is bound to it in UTF-8, in which all lone surrogates look the same.
    contentType: z
      .string()
      .min(1)
      .max(256)
      .refine((text) => text.isWellFormed(), 'is not Unicode'),
    // A file beside the manifest: never a path out of the recording's folder.
    ciphertext: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/),
    suite: z.enum(SUITE_NAMES),
    pkcs7: z.string().max(1024 * 1024),
    envelopeMac: z.string().regex(/^[0-9a-f]{64}$/),
    plaintextSize: size,
    ciphertextSize: size,
    segmentSize: z.literal(SEGMENT_SIZE),
    tagSalt: z
      .string()
      .regex(/^[0-9a-f]{32}$/)
      .optional(),
    tags: z.string(),
    checksum: z.string().regex(/^gmac0:[0-9a-f]{32}$/),
    certificateIds: z.array(id(isCertificateId)).min(1).max(256),
  })
  .refine(
    ({ suite, plaintextSize, ciphertextSize }) =>
      SUITES[suite].cipher.ciphertextSize(plaintextSize) === ciphertextSize,
    { path: ['ciphertextSize'], error: 'does not fit plaintextSize' },
  );

/** recording.json as it is written. Fields that are not known here come from a newer version and are passed over. */
const file = z.object({
  format: z.literal('sealtrack.recording.v1'),
  tenantId: id(isTenantId),
  recordingId: id(isRecordingId),
  profileId: id(isProfileId),
  startedAt: z.iso.datetime(),
  encryptedAt: z.iso.datetime(),
  attributes: z
    .record(z.string().max(128), z.string().max(4096))
    .refine((attributes) => Object.keys(attributes).length <= 64, 'has more than 64 entries'),
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  manifestChecksum: z
    .string()
    .regex(/^gmac0:[0-9a-f]{32}$/)
    .optional(),
  media: z.array(media).min(1).max(64),
});

type ManifestFile = z.infer<typeof file>;

/** Everything that is kept of a recording beside its ciphertext: enough to rebuild the index from the store alone. */
export type Manifest = Omit<ManifestFile, 'media' | 'manifestChecksum'> & { media: ManifestMedia[] };

/** SealedMedia, with what the file is and where it lies. `envelope` is DER; `tags` are 16 bytes a segment. */
export type ManifestMedia = Omit<
  z.infer<typeof media>,
  'pkcs7' | 'envelopeMac' | 'tagSalt' | 'tags' | 'segmentSize'
> & {
  envelope: Buffer;
  envelopeMac: Buffer;
  tagSalt?: Buffer | undefined;
  tags: Buffer;
};

/** What the envelope of a media file is bound to: whose it is, which it is, and what a player may take it for. */
export const boundTo = (
  { tenantId, recordingId }: Pick<Manifest, 'tenantId' | 'recordingId'>,
  { mediaId, contentType }: Pick<ManifestMedia, 'mediaId' | 'contentType'>,
): readonly string[] => [tenantId, recordingId, mediaId, contentType];

/** One of the manifest's media files, as it is opened. */
export const taggedMedia = (manifest: Manifest, media: ManifestMedia): TaggedMedia => ({
  ...media,
  boundTo: boundTo(manifest, media),
});

/** JSON for people and machines. Throws MANIFEST_INVALID: what could not be read back is not written. */
export function serializeManifest(manifest: Manifest): Buffer {
  const written: ManifestFile = {
    ...manifest,
    manifestChecksum: NO_MANIFEST_CHECKSUM,
    media: manifest.media.map(({ envelope, envelopeMac, tagSalt, tags, ...rest }) => {
      checkTags(tags, rest.ciphertextSize);
      return {
        ...rest,
        segmentSize: SEGMENT_SIZE,
        pkcs7: pkcs7ToPem(envelope),
        envelopeMac: envelopeMac.toString('hex'),
        ...(tagSalt === undefined ? {} : { tagSalt: tagSalt.toString('hex') }),
        tags: tags.toString('base64'),
      };
    }),
  };
  return withManifestChecksum(`${JSON.stringify(validate(written), null, 2)}\n`);
}

/** Throws MANIFEST_INVALID, naming the first field that is wrong. */
export function parseManifest(bytes: Uint8Array): Manifest {
  if (bytes.length > MAX_MANIFEST_BYTES) throw invalid('it is larger than 64 MiB');
  if (hasMoreValues(bytes, MAX_VALUES)) throw invalid('it has more values than any manifest');
  const { media: entries, manifestChecksum: _, ...recording } = validate(parseJson(bytes));
  return {
    ...recording,
    media: entries.map(({ pkcs7, envelopeMac, tagSalt, tags: base64, segmentSize: _, ...rest }) => {
      const tags = Buffer.from(base64, 'base64');
      checkTags(tags, rest.ciphertextSize);
      return {
        ...rest,
        envelope: envelopeOf(pkcs7),
        envelopeMac: Buffer.from(envelopeMac, 'hex'),
        ...(tagSalt === undefined ? {} : { tagSalt: Buffer.from(tagSalt, 'hex') }),
        tags,
      };
    }),
  };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalid('it is not JSON', cause);
  }
}

function validate(value: unknown): ManifestFile {
  const checked = file.safeParse(value);
  if (checked.success) return checked.data;
  const [first] = checked.error.issues;
  throw invalid(`${first?.path.join('.') || 'it'}: ${first?.message ?? 'is malformed'}`, checked.error);
}

function envelopeOf(pem: string): Buffer {
  try {
    return pkcs7FromPem(Buffer.from(pem, 'latin1'));
  } catch (cause) {
    throw invalid('media.pkcs7: is not one PKCS7 block in PEM', cause);
  }
}

function checkTags(tags: Buffer, ciphertextSize: number): void {
  if (tags.length !== segmentCount(ciphertextSize) * TAG_SIZE)
    throw invalid('media.tags: do not fit ciphertextSize');
}

const invalid = (why: string, cause?: unknown): AppError =>
  new AppError('MANIFEST_INVALID', `The recording's manifest is not usable: ${why}`, {
    fix: 'Restore recording.json from a copy, or read it with the version that wrote it.',
    cause,
  });
