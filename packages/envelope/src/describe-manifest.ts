import { describeClear, describeMedia, type MediaView } from './describe-media.ts';
import { isClear, type Manifest, type ManifestMedia } from './manifest.ts';
import { segmentCount } from './segment-tags.ts';

/** What is shown of a manifest, ready for JSON. */
export type ManifestView = Omit<Manifest, 'media'> & {
  readonly kind: 'manifest';
  readonly media: readonly (MediaView & ReturnType<typeof factsOf>)[];
};

/** The manifest's file, and that of the ciphertext where it lies elsewhere, as people call them. */
export interface ManifestFiles {
  readonly name: string;
  readonly content?: string | undefined;
}

/** Of some of its media, or of all. Needs no key. Throws ENVELOPE_INVALID. */
export function describeManifest(
  manifest: Manifest,
  { name, content }: ManifestFiles,
  shown: readonly ManifestMedia[] = manifest.media,
): ManifestView {
  const { media, ...recording } = manifest;
  const isOne = media.length === 1;
  return {
    kind: 'manifest',
    ...recording,
    media: shown.map((each) => {
      const what = { name, content, mediaId: isOne ? undefined : each.mediaId };
      const sizes = { ciphertextSize: each.ciphertextSize, plaintextSize: each.plaintextSize };
      const view = isClear(each)
        ? describeClear(sizes, what)
        : describeMedia(each.envelope, true, null, sizes, what);
      return { ...factsOf(each), ...view };
    }),
  };
}

const factsOf = (media: ManifestMedia) => ({
  mediaId: media.mediaId,
  contentType: media.contentType,
  ciphertext: media.ciphertext,
  suite: media.suite,
  segments: segmentCount(media.ciphertextSize),
  checksum: media.checksum,
  certificateIds: media.certificateIds,
  hasWaveform: media.waveform !== undefined,
});
