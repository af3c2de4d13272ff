import { createHash } from 'node:crypto';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import type { KeyUse } from './key-use.ts';
import {
  type MediaLease,
  type MediaSession,
  type MediaSessionDeps,
  startMediaSession,
} from './media-session.ts';

/**
 * Media that callers are at: found, and with its session key unwrapped, so that whoever listens on or seeks costs neither
 * a look-up nor an RSA operation. Only the same caller, with the same ticket if with any, gets what is kept here; whether it still may
 * is asked before, each time. In memory only: as many as may be, and for as long as may be from when they were found. For
 * that long a recording may be served as it was, that was re-wrapped meanwhile, or with a key that was deleted elsewhere; its
 * ciphertext is read and verified each time, so what was erased or changed is not.
 */
export interface MediaSessions extends Disposable {
  /** Throws as FindMedia and FindMediaKey do. */
  open(use: KeyUse): Promise<MediaLease>;
  /** Wipes what the certificate's private key unwrapped, also when that is being done at this moment. */
  forget(tenantId: TenantId, certificateId: CertificateId): void;
  /** The same for all. */
  clear(): void;
}

export interface MediaSessionsOptions extends MediaSessionDeps {
  readonly maxSessions: number;
  /** Nothing is kept, nor shared, with 0. */
  readonly maxAgeMs: number;
  /** Of manifests, for all sessions together; 32 MiB unless told. */
  readonly maxBytes?: number;
}

/** Tags of 500 hours of telephone calls, or of 300 GiB of whatever. */
const MAX_BYTES = 32 * 1024 * 1024;
/** No session takes the room of many others: one that is so large is not kept. */
const MAX_SHARE = 4;

interface Entry {
  readonly tenantId: TenantId;
  readonly session: MediaSession;
}

export function createMediaSessions(options: MediaSessionsOptions): MediaSessions {
  const { maxSessions, maxAgeMs, maxBytes = MAX_BYTES, ...deps } = options;
  /** The one that was used last comes last. */
  const entries = new Map<string, Entry>();
  let kept = 0;

  function start(id: string, use: KeyUse): Entry {
    let size = 0;
    let expiry: NodeJS.Timeout | undefined;
    const session = startMediaSession(deps, use, {
      onFound(bytes) {
        size = bytes;
        kept += bytes;
        if (bytes > maxBytes / MAX_SHARE) session.end();
        else expiry = setTimeout(session.end, maxAgeMs).unref();
        makeRoom();
      },
      onEnd() {
        kept -= size;
        clearTimeout(expiry);
        if (entries.get(id)?.session === session) entries.delete(id);
      },
    });
    if (maxAgeMs === 0) session.end();
    return { tenantId: use.tenantId, session };
  }

  function makeRoom(): void {
    for (const { session } of entries.values()) {
      if (entries.size <= maxSessions && kept <= maxBytes) return;
      session.end();
    }
  }

  function endAll(which: (entry: Entry) => boolean): void {
    for (const entry of [...entries.values()]) if (which(entry)) entry.session.end();
  }

  const clear = () => endAll(() => true);
  return {
    open(use) {
      const id = idOf(use);
      const entry = entries.get(id) ?? start(id, use);
      if (maxAgeMs > 0) {
        entries.delete(id);
        entries.set(id, entry);
        makeRoom();
      }
      return entry.session.lease(use.caller.signal);
    },
    forget: (tenantId, certificateId) =>
      endAll(({ tenantId: of, session }) => {
        const known = session.certificateId();
        return of === tenantId && (known === undefined || known === certificateId);
      }),
    clear,
    [Symbol.dispose]: clear,
  };
}

/**
 * Who, and what: of a person with all groups, since a holder elsewhere has decided by them. Over plaintext nobody has a name, and
 * a connection is all that can be told apart. Not as it is: a ticket is as good as a password.
 */
function idOf({ caller: { names, via, peer }, ticket, tenantId, recordingId, mediaId }: KeyUse): string {
  const who = names.length === 0 ? peer : names;
  const all = JSON.stringify([who, via, ticket, tenantId, recordingId, mediaId]);
  return createHash('sha256').update(all).digest('base64');
}
