import { openClearMedia } from '@sealtrack/envelope/clear-media';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { isClear, taggedMedia } from '@sealtrack/envelope/manifest';
import { openMedia } from '@sealtrack/envelope/open-media';
import type { PlaintextRange } from '@sealtrack/envelope/plaintext-range';
import type { ReadCiphertext } from '@sealtrack/envelope/read-segments';
import type { TenantId } from '@sealtrack/ids/ids';
import type { FoundMedia } from './find-media.ts';
import type { UnwrapMediaKey } from './unwrap-media-key.ts';

/** Media that can be read. Its session key is wiped when it is disposed. */
export interface OpenedMedia extends Disposable {
  /** Whose private key opened it; empty of media that is stored in clear. */
  readonly certificateId: string;
  /** As openMedia, openClearMedia. */
  plaintext(read: ReadCiphertext, range: PlaintextRange): AsyncGenerator<Buffer, void>;
}

/** Throws as UnwrapMediaKey does, and ENVELOPE_INVALID. */
export async function openFoundMedia(
  { manifest, media }: Pick<FoundMedia, 'manifest' | 'media'>,
  tenantId: TenantId,
  unwrap: UnwrapMediaKey,
  signal: AbortSignal,
): Promise<OpenedMedia> {
  if (isClear(media))
    return {
      certificateId: '',
      plaintext: (read, range) => openClearMedia(media, read, range),
      [Symbol.dispose]() {},
    };
  const envelope = parseEnvelope(media.envelope);
  const { dek, certificateId } = await unwrap(tenantId, envelope, media.certificateIds, signal);
  return {
    certificateId,
    plaintext: (read, range) => openMedia(taggedMedia(manifest, media), dek, read, range),
    [Symbol.dispose]: () => void dek.fill(0),
  };
}
