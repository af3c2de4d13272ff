import type { Action } from '@sealtrack/access/access';
import type { Changes } from './api/live.ts';
import type { EventSink } from './event-sink.ts';
import type { LiveHub } from './live-hub.ts';

export interface FollowChangesDeps {
  readonly hub: LiveHub;
  /** Whether the person may do it for the tenant, as it is now. */
  readonly may: (action: Action) => boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const EVERY_MS = 500;
/** Further kinds are none that a page waits for. */
const KINDS = 100;

/** Sends the kinds of what happens for a tenant, as the person may know of them, at most each half second. Until it is disposed. */
export function followChanges(
  { hub, may, now }: FollowChangesDeps,
  tenantId: string,
  sink: EventSink<Changes>,
): Disposable {
  const kinds = new Set<string>();
  let told = 0;
  return hub.follow(tenantId, {
    event({ kind }) {
      if (kinds.size < KINDS) kinds.add(kind);
    },
    tick() {
      if (kinds.size === 0 || sink.isBlocked() || now() - told < EVERY_MS) return;
      const known = [...kinds].filter((kind) => may(actionFor(kind)));
      kinds.clear();
      if (known.length === 0) return;
      told = now();
      sink.send([{ kinds: known }]);
    },
    second: () => {},
    gap: () => sink.end(),
  });
}

const ACTIONS: Readonly<Record<string, Action>> = {
  certificate: 'certificate.read',
  profile: 'profile.read',
  'screen-settings': 'profile.read',
  recording: 'recording.read',
  capture: 'recording.read',
};

/** What it takes to read what an event of the kind is of. */
const actionFor = (kind: string): Action => ACTIONS[kind.split('.')[0] ?? ''] ?? 'event.read';
