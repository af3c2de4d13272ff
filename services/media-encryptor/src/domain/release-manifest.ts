import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { type Manifest, sealedMedia } from '@sealtrack/envelope/manifest';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId } from '@sealtrack/ids/ids';

export interface NewEnvelope {
  readonly envelope: Buffer;
  readonly envelopeMac: Buffer;
}

/**
 * The manifest of a held recording with new envelopes, in the order of its media, and everything else as it is.
 * @throws AppError ENVELOPE_INVALID when one cannot be the media's.
 */
export function releasedManifest(
  { quarantine: _, ...manifest }: Manifest,
  envelopes: readonly NewEnvelope[],
  certificateIds: readonly CertificateId[],
  now: Date,
): Manifest {
  return {
    ...manifest,
    rewrappedAt: now.toISOString(),
    media: manifest.media.map((each, index) => {
      const media = sealedMedia(each);
      const { envelope, envelopeMac } = envelopes[index] ?? { envelope: NONE, envelopeMac: NONE };
      checkEnvelope(media.envelope, envelope, certificateIds.length);
      return { ...media, envelope, envelopeMac, certificateIds: [...certificateIds] };
    }),
  };
}

const NONE = Buffer.alloc(0);

/** What the envelope says without a key. The old one is gone once the manifest is replaced. */
function checkEnvelope(before: Buffer, after: Buffer, recipients: number): void {
  const [old, made] = [parseEnvelope(before), parseEnvelope(after)];
  if (old.cipher === made.cipher && old.iv.equals(made.iv) && made.recipients.length === recipients) return;
  throw new AppError('ENVELOPE_INVALID', 'The new envelope is not one for this media', {
    fix: 'Nothing was changed. Run crypto-server and media-encryptor in versions that go together.',
  });
}
