import { CONTENT_CIPHERS } from './content-ciphers.ts';
import { type EnvelopeDescription, inspectEnvelope } from './inspect.ts';
import { copyingCommand, openingCommands, type ToOpen } from './opening-commands.ts';
import { SENTENCES, type Verified, verifiedBy } from './verified.ts';

/** What is shown of an envelope, ready for JSON. */
export type EnvelopeView = EnvelopeDescription & {
  /** Bytes of ciphertext in the same file; null in a detached envelope. */
  readonly attachedContent: number | null;
};

export interface MediaView {
  /** Null for media that is stored in clear. */
  readonly envelope: EnvelopeView | null;
  /** Bytes; null when they are not known without the key, or without the ciphertext. */
  readonly ciphertextSize: number | null;
  readonly plaintextSize: number | null;
  /** What will prove that the plaintext is right, and that for people. */
  readonly verified: Verified;
  readonly verification: string;
  readonly opensWith: readonly string[];
}

export type MediaSizes = Pick<MediaView, 'ciphertextSize' | 'plaintextSize'>;

export const describeClear = (sizes: MediaSizes, what: ToOpen): MediaView => ({
  envelope: null,
  ...sizes,
  verified: 'keyless tags',
  verification: SENTENCES['keyless tags'],
  opensWith: [copyingCommand(what)],
});

/** Of an envelope in DER, without or with its ciphertext in the same file. Needs no key. Throws ENVELOPE_INVALID. */
export function describeMedia(
  der: Buffer,
  hasTags: boolean,
  attachedContent: number | null,
  { ciphertextSize, plaintextSize }: MediaSizes,
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
