import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { isClear } from '@sealtrack/envelope/manifest';
import type { CertificateId } from '@sealtrack/ids/ids';
import type { FindMedia, FoundMedia } from './find-media.ts';
import type { FindMediaKey, FoundKey, KeyUse } from './key-use.ts';
import { unlessAborted } from './unless-aborted.ts';

/** What stays of a manifest once its media was found. */
export type KeptMedia = Omit<FoundMedia, 'manifest' | 'manifestBytes'> &
  Pick<KeyUse, 'tenantId' | 'recordingId'>;

/** One access to the media of a session. What it has of the session key is wiped when it is disposed. */
export interface MediaLease extends Disposable {
  readonly found: KeptMedia;
  /** Whose private key opens it; empty of media that is stored in clear. */
  readonly certificateId: CertificateId | '';
  /**
   * The session key, good until this is disposed; empty of media that is stored in clear. The first call of any lease is what uses the
   * private key. Throws as FoundKey, and the reason that the access was aborted with.
   */
  key(): Promise<Buffer>;
  /** For when it is proven that what is known of the media does not fit: nobody else gets it. */
  giveUp(): void;
}

/** One caller's media: found once, and its session key unwrapped once, for all accesses there are until it ends. */
export interface MediaSession {
  /** Undefined until it is known. */
  certificateId(): CertificateId | '' | undefined;
  /** Throws as FindMedia and FindMediaKey do, and what `signal` is aborted with, which is the access's own affair. */
  lease(signal: AbortSignal): Promise<MediaLease>;
  /** Wipes the session key. Whoever has a lease goes on with that. */
  end(): void;
}

export interface MediaSessionDeps {
  readonly findMedia: FindMedia;
  readonly findKey: FindMediaKey;
}

export interface MediaSessionEvents {
  /** Once it is found: how many bytes there are to keep, about. */
  onFound(bytes: number): void;
  /** Once. */
  onEnd(): void;
}

interface Holder {
  dek: Buffer | undefined;
}

/** What a session takes beside its tags and its envelope. */
const OVERHEAD_BYTES = 2048;
const NO_KEY = Buffer.alloc(0);

/**
 * Begins to look for the media at once. The work is nobody's in particular: it is given up when the last access has gone that
 * waits for it. A session that was left before its key was unwrapped ends, so that no private key is kept open by it.
 */
export function startMediaSession(
  { findMedia, findKey }: MediaSessionDeps,
  use: KeyUse,
  { onFound, onEnd }: MediaSessionEvents,
): MediaSession {
  const { tenantId, recordingId, mediaId } = use;
  const deserted = new AbortController();
  const holders = new Set<Holder>();
  let foundKey: FoundKey | undefined;
  let certificateId: CertificateId | '' | undefined;
  let unwrapping: Promise<void> | undefined;
  let dek: Buffer | undefined;
  let isOver = false;

  function end(): void {
    if (isOver) return;
    isOver = true;
    dek?.fill(0);
    dek = undefined;
    onEnd();
  }

  async function find(): Promise<KeptMedia> {
    const { signal } = deserted;
    const { media, ciphertextKey } = await findMedia(tenantId, recordingId, mediaId, signal);
    if (isClear(media)) certificateId = '';
    else {
      const asked = { ...use, caller: { ...use.caller, signal } };
      foundKey = await findKey(asked, parseEnvelope(media.envelope), media.certificateIds);
      certificateId = foundKey.certificateId;
    }
    if (!isOver) onFound(sizeOf(media));
    return { media, ciphertextKey, tenantId, recordingId };
  }

  async function unwrap(): Promise<void> {
    const unwrapped = (await foundKey?.dek()) ?? NO_KEY;
    foundKey = undefined;
    for (const holder of holders) holder.dek = copyOf(unwrapped);
    if (isOver) unwrapped.fill(0);
    else dek = unwrapped;
  }

  const orEnd = <T>(work: Promise<T>): Promise<T> => {
    work.catch(end);
    return work;
  };

  function leave(holder: Holder): void {
    holder.dek?.fill(0);
    holders.delete(holder);
    if (holders.size > 0 || dek !== undefined) return;
    end();
    deserted.abort();
  }

  const found = orEnd(find());
  return {
    certificateId: () => certificateId,
    async lease(signal) {
      const holder: Holder = { dek: dek && copyOf(dek) };
      holders.add(holder);
      const dispose = () => leave(holder);
      try {
        const kept = await unlessAborted(found, signal);
        return {
          found: kept,
          certificateId: certificateId ?? '',
          async key() {
            if (holder.dek === undefined) {
              unwrapping ??= orEnd(unwrap());
              await unlessAborted(unwrapping, signal);
            }
            return holder.dek ?? NO_KEY;
          },
          giveUp: end,
          [Symbol.dispose]: dispose,
        };
      } catch (error) {
        dispose();
        throw error;
      }
    },
    end,
  };
}

function copyOf(secret: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(secret.length);
  secret.copy(copy);
  return copy;
}

const sizeOf = (media: KeptMedia['media']): number =>
  OVERHEAD_BYTES +
  media.tags.length +
  (media.waveform?.length ?? 0) +
  (isClear(media) ? 0 : media.envelope.length + 64 * media.certificateIds.length);
