import { AppError } from '@sealtrack/errors/app-error';
import { hasMoreValues } from './json-values.ts';
import { NO_MANIFEST_CHECKSUM, withManifestChecksum } from './manifest-checksum.ts';
import {
  type ClearMediaEntry,
  type ManifestFile,
  manifestFile,
  type SealedMediaEntry,
} from './manifest-file.ts';
import { pkcs7FromPem, pkcs7ToPem } from './pkcs7-pem.ts';
import type { TaggedMedia } from './sealed-media.ts';
import { SEGMENT_SIZE, segmentCount, TAG_SIZE } from './segment-tags.ts';
import { takeTagsApart } from './tags-apart.ts';

/** Tags take 85 bytes for every MiB of media, so this is room for 700 GiB. */
export const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;
/** 64 media files with 256 certificates each have 18,000. */
const MAX_VALUES = 100_000;

/** Everything that is kept of a recording beside its ciphertext: enough to rebuild the index from the store alone. */
export type Manifest = Omit<ManifestFile, 'media' | 'manifestChecksum'> & { media: ManifestMedia[] };

/** What is kept of a media file, with what it is and where it lies. `tags` are 16 bytes a segment. */
export type ManifestMedia = SealedManifestMedia | ClearManifestMedia;

/** SealedMedia; `envelope` is DER. */
export type SealedManifestMedia = Omit<
  SealedMediaEntry,
  'pkcs7' | 'envelopeMac' | 'tagSalt' | 'tags' | 'segmentSize' | 'waveform'
> & {
  envelope: Buffer;
  envelopeMac: Buffer;
  tagSalt?: Buffer | undefined;
  tags: Buffer;
  waveform?: Buffer | undefined;
};

/** ClearMedia. */
export type ClearManifestMedia = Omit<
  ClearMediaEntry,
  'pkcs7' | 'envelopeMac' | 'tagSalt' | 'tags' | 'segmentSize' | 'waveform'
> & { tags: Buffer; waveform?: Buffer | undefined };

/** Whether it is stored as it came, because its profile's policy had it so. */
export const isClear = (media: ManifestMedia): media is ClearManifestMedia => media.suite === 'clear';

/** Media that is encrypted. Throws MEDIA_NOT_ENCRYPTED for any other. */
export function sealedMedia(media: ManifestMedia): SealedManifestMedia {
  if (isClear(media)) throw notEncrypted(media);
  return media;
}

export const notEncrypted = (media: ClearManifestMedia): AppError =>
  new AppError('MEDIA_NOT_ENCRYPTED', `Media "${media.mediaId}" is stored in clear`, {
    fix: 'There is no envelope and no session key to work with: play it as it is (sealtrack recordings get, or sealtrack envelope open).',
    details: { media_id: media.mediaId },
  });

/** What the envelope of a media file is bound to: whose it is, which it is, and what a player may take it for. */
export const boundTo = (
  { tenantId, recordingId }: Pick<Manifest, 'tenantId' | 'recordingId'>,
  { mediaId, contentType }: Pick<ManifestMedia, 'mediaId' | 'contentType'>,
): readonly string[] => [tenantId, recordingId, mediaId, contentType];

/** One of the manifest's media files, as it is opened. */
export const taggedMedia = (
  manifest: Pick<Manifest, 'tenantId' | 'recordingId'>,
  media: SealedManifestMedia,
): TaggedMedia => ({
  ...media,
  boundTo: boundTo(manifest, media),
});

/** JSON for people and machines. Throws MANIFEST_INVALID: what could not be read back is not written. */
export function serializeManifest(manifest: Manifest): Buffer {
  const written: ManifestFile = {
    ...manifest,
    manifestChecksum: NO_MANIFEST_CHECKSUM,
    media: manifest.media.map(writeMedia),
  };
  return withManifestChecksum(`${JSON.stringify(validate(written), null, 2)}\n`);
}

/** Throws MANIFEST_INVALID, naming the first field that is wrong. */
export function parseManifest(bytes: Uint8Array): Manifest {
  if (bytes.length > MAX_MANIFEST_BYTES) throw invalid('it is larger than 64 MiB');
  if (hasMoreValues(bytes, MAX_VALUES)) throw invalid('it has more values than any manifest');
  const { json, tags } = takeTagsApart(bytes);
  const manifest = parseApart(json, tags);
  // What is left was not of any media.
  return tags.size === 0 ? manifest : parseApart(bytes, new Map());
}

/** Takes what it uses of `apart`. */
function parseApart(json: Uint8Array, apart: Map<string, Buffer>): Manifest {
  const { media, manifestChecksum: _, ...recording } = validate(parseJson(json));
  return { ...recording, media: media.map((entry) => readMedia(entry, apart)) };
}

function writeMedia(media: ManifestMedia): ManifestFile['media'][number] {
  checkTags(media);
  const { waveform } = media;
  const sums = {
    segmentSize: SEGMENT_SIZE,
    tags: media.tags.toString('base64'),
    waveform: waveform?.toString('base64'),
  } as const;
  if (isClear(media)) return { ...media, ...sums };
  const { envelope, envelopeMac, tagSalt, ...rest } = media;
  return {
    ...rest,
    ...sums,
    pkcs7: pkcs7ToPem(envelope),
    envelopeMac: envelopeMac.toString('hex'),
    ...(tagSalt === undefined ? {} : { tagSalt: tagSalt.toString('hex') }),
  };
}

function readMedia(
  { segmentSize: _, waveform, ...entry }: ManifestFile['media'][number],
  apart: Map<string, Buffer>,
): ManifestMedia {
  const tags = apart.get(entry.tags) ?? Buffer.from(entry.tags, 'base64');
  apart.delete(entry.tags);
  checkTags({ ...entry, tags });
  const seen = waveform === undefined ? {} : { waveform: Buffer.from(waveform, 'base64') };
  if (entry.suite === 'clear') return { ...entry, tags, ...seen };
  const { pkcs7, envelopeMac, tagSalt, ...rest } = entry;
  return {
    ...rest,
    tags,
    ...seen,
    envelope: envelopeOf(pkcs7),
    envelopeMac: Buffer.from(envelopeMac, 'hex'),
    ...(tagSalt === undefined ? {} : { tagSalt: Buffer.from(tagSalt, 'hex') }),
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
  const checked = manifestFile.safeParse(value);
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

function checkTags({ tags, ciphertextSize }: Pick<ManifestMedia, 'tags' | 'ciphertextSize'>): void {
  if (tags.length !== segmentCount(ciphertextSize) * TAG_SIZE)
    throw invalid('media.tags: do not fit ciphertextSize');
}

const invalid = (why: string, cause?: unknown): AppError =>
  new AppError('MANIFEST_INVALID', `The recording's manifest is not usable: ${why}`, {
    fix: 'Restore recording.json from a copy, or read it with the version that wrote it.',
    cause,
  });
