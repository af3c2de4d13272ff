import { describeManifest, type ManifestView } from '@sealtrack/envelope/describe-manifest';
import { describeMedia, type MediaView } from '@sealtrack/envelope/describe-media';
import type { SealedFile } from './sealed-file.ts';

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

/** What inspect shows of a file. Needs no key. */
export function describeSealed(file: SealedFile, around: Surroundings): ManifestView | EnvelopeFileView {
  if (file.kind === 'manifest') return describeManifest(file.manifest, around);
  const { name, content } = around;
  const isDetached = file.kind === 'detached';
  const ciphertextSize = (file.kind === 'attached' ? file.ciphertextSize : around.contentSize) ?? null;
  const attached = file.kind === 'attached' ? file.ciphertextSize : null;
  const what = { name, content, form: file.form, isDetached };
  const view = describeMedia(file.envelope, false, attached, { ciphertextSize, plaintextSize: null }, what);
  return { kind: 'envelope', isDetached, form: file.form, ...view };
}
