import { CONTENT_CIPHERS } from '@sealtrack/envelope/content-ciphers';
import { type EnvelopeDescription, inspectEnvelope } from '@sealtrack/envelope/inspect';
import { type Manifest, type ManifestMedia, sealedMedia } from '@sealtrack/envelope/manifest';
import { segmentCount } from '@sealtrack/envelope/segment-tags';
import { openingCommands, type ToOpen } from './opening-commands.ts';
import type { SealedFile } from './sealed-file.ts';
import { SENTENCES, type Verified, verifiedBy } from './verified.ts';

/** What inspect shows of an envelope. */
export type EnvelopeView = EnvelopeDescription & {
  /** Bytes of ciphertext in the same file; null in a detached envelope. */
  readonly attachedContent: number | null;
};

export interface MediaView {
  readonly envelope: EnvelopeView;
  /** Bytes; null when they are not known without the key, or without the ciphertext. */
  readonly ciphertextSize: number | null;
  readonly plaintextSize: number | null;
  /** What will prove that the plaintext is right, and that for people. */
  readonly verified: Verified;
  readonly verification: string;
  readonly opensWith: readonly string[];
}

export type ManifestView = Omit<Manifest, 'media'> & {
  readonly kind: 'manifest';
  readonly media: readonly (MediaView & ReturnType<typeof factsOf>)[];
};

export type EnvelopeFileView = MediaView & {
  readonly kind: 'envelope';
  readonly isDetached: boolean;
  readonly form: string;
};

/** `name` and `content` are as the user gave them; `contentSize` is in bytes. */
export interface Surroundings {
  readonly name: string;
  readonly content?: string | undefined;
  readonly contentSize?: number | undefined;
}

/** Needs no key. */
export function describeSealed(file: SealedFile, around: Surroundings): ManifestView | EnvelopeFileView {
  const { name, content } = around;
  if (file.kind === 'manifest') {
    const { media, ...recording } = file.manifest;
    const isOne = media.length === 1;
    return {
      kind: 'manifest',
      ...recording,
      media: media.map((each) => {
        const what = { name, content, mediaId: isOne ? undefined : each.mediaId };
        const sizes = { ciphertextSize: each.ciphertextSize, plaintextSize: each.plaintextSize };
        return { ...factsOf(each), ...describeMedia(sealedMedia(each).envelope, true, null, sizes, what) };
      }),
    };
  }
  const isDetached = file.kind === 'detached';
  const ciphertextSize = (file.kind === 'attached' ? file.ciphertextSize : around.contentSize) ?? null;
  const attached = file.kind === 'attached' ? file.ciphertextSize : null;
  const what = { name, content, form: file.form, isDetached };
  const view = describeMedia(file.envelope, false, attached, { ciphertextSize, plaintextSize: null }, what);
  return { kind: 'envelope', isDetached, form: file.form, ...view };
}

function factsOf({
  mediaId,
  contentType,
  ciphertext,
  suite,
  ciphertextSize,
  checksum,
  certificateIds,
}: ManifestMedia) {
  return {
    mediaId,
    contentType,
    ciphertext,
    suite,
    segments: segmentCount(ciphertextSize),
    checksum,
    certificateIds,
  };
}

function describeMedia(
  der: Buffer,
  hasTags: boolean,
  attachedContent: number | null,
  { ciphertextSize, plaintextSize }: Pick<MediaView, 'ciphertextSize' | 'plaintextSize'>,
  what: ToOpen,
): MediaView {
  const envelope = inspectEnvelope(der);
  const verified = verifiedBy(der, hasTags);
  return {
    envelope: { ...envelope, attachedContent },
    ciphertextSize,
    // Without padding the two are one; how much there is of that only the key's owner can see.
    plaintextSize: plaintextSize ?? (isPadded(envelope) ? null : ciphertextSize),
    verified,
    verification: hasTags ? verified : SENTENCES[verified],
    opensWith: openingCommands(what, envelope),
  };
}

const isPadded = ({ contentEncryption }: EnvelopeDescription): boolean =>
  CONTENT_CIPHERS[contentEncryption].ciphertextSize(0) > 0;
