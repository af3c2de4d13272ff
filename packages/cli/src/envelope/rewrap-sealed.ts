import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { type Manifest, sealedMedia, serializeManifest, taggedMedia } from '@sealtrack/envelope/manifest';
import { pkcs7ToPem } from '@sealtrack/envelope/pkcs7-pem';
import type { Recipient } from '@sealtrack/envelope/recipient';
import { rewrapEnvelope, rewrapMedia } from '@sealtrack/envelope/rewrap';
import { splicePkcs7 } from '@sealtrack/envelope/splice';
import type { Context } from '../context.ts';
import type { SealedFile } from './sealed-file.ts';
import type { SealedMediaFile } from './sealed-media.ts';
import type { Unlock } from './unlock.ts';
import { verifySealed } from './verify-sealed.ts';

export interface Rewrapped {
  readonly content: AsyncIterable<Uint8Array>;
  readonly mediaFiles: number;
  /** Recipients that there were: the most that a media file had. */
  readonly before: number;
}

/**
 * All media files of a recording, or none. Their ciphertext is not needed. Throws DECRYPTION_FAILED for a wrong
 * key, MEDIA_NOT_ENCRYPTED for what is stored in clear.
 */
export async function rewrapManifest(
  manifest: Manifest,
  unlock: Unlock,
  recipients: readonly Recipient[],
): Promise<Rewrapped> {
  const sealed = manifest.media.map(sealedMedia);
  const media: Manifest['media'] = [];
  for (const each of sealed) {
    const { envelope, envelopeMac } = await unlock(each.envelope, true, async (dek) =>
      rewrapMedia(taggedMedia(manifest, each), dek, recipients),
    );
    const certificateIds = recipients.map(({ certificateId }) => certificateId);
    media.push({ ...each, envelope, envelopeMac, certificateIds });
  }
  const before = Math.max(...sealed.map(({ envelope }) => parseEnvelope(envelope).recipients.length));
  return { content: once(serializeManifest({ ...manifest, media })), mediaFiles: media.length, before };
}

/**
 * A detached envelope as such, in the form it came; a whole file as a whole file in DER. The ciphertext is verified
 * first, as far as it can be: a wrong key would make an envelope that opens nothing. Throws DECRYPTION_FAILED.
 */
export async function rewrapFile(
  context: Context,
  file: Exclude<SealedFile, { kind: 'manifest' }>,
  media: SealedMediaFile,
  unlock: Unlock,
  recipients: readonly Recipient[],
): Promise<Rewrapped> {
  const envelope = await unlock(file.envelope, false, async (dek) => {
    await verifySealed(context, media, dek);
    return rewrapEnvelope(file.envelope, dek, recipients);
  });
  const before = parseEnvelope(file.envelope).recipients.length;
  return { content: inForm(context, file, media, envelope), mediaFiles: 1, before };
}

function inForm(
  context: Context,
  file: Exclude<SealedFile, { kind: 'manifest' }>,
  { ciphertextSize, read }: SealedMediaFile,
  envelope: Buffer,
): AsyncIterable<Uint8Array> {
  if (file.kind === 'detached')
    return once(file.form === 'DER' ? envelope : Buffer.from(pkcs7ToPem(envelope)));
  const { prefix, suffix, size } = splicePkcs7(envelope, ciphertextSize);
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield prefix;
    yield* read(0, ciphertextSize);
    yield suffix;
  }
  return context.progress(whole(), 'writing', size);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
