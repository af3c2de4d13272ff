import type { Kv } from '@sealtrack/bus/kv';
import type { KvChange } from '@sealtrack/bus/kv-watch';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import type { Log } from '@sealtrack/service-kit/logger';
import type { TrustInForce } from '../domain/certificate-problem.ts';
import { createProfileCertificates } from '../domain/profile-certificate.ts';
import { PROFILES_LOST, type ProfileEntry, type ProfileSnapshot } from '../domain/profile-entry.ts';
import type { Clock, ProfileSource, Profiles, StoredProfiles } from '../ports.ts';
import { profileEntry } from './decode-entry.ts';

export interface ProfileWatch extends Profiles, ProfileSource {
  /** Resolves once everything that the bucket has was read. */
  readonly ready: Promise<void>;
  /** What was stored, before the bucket is followed. */
  startOn(stored: StoredProfiles): void;
  /** Follows the bucket until the signal aborts. Once at a time. */
  follow(kv: Pick<Kv, 'watch'>, signal: AbortSignal): Promise<void>;
}

export interface ProfileWatchDeps {
  readonly trust: TrustInForce;
  readonly clock: Clock;
  readonly log: Log;
}

/** More than these at once are told in one line. */
const MANY = 20;

/**
 * The profiles in the KV bucket, with screen settings and holding keys, followed as they are pushed. The snapshot is
 * replaced whole with each push, so a recording is encrypted to the profile as it was when its encryption began. While
 * the bus is away the last snapshot goes on being used. So does what vanished from the bucket without having been deleted:
 * then the bucket was lost, or put back to an earlier time.
 */
export function createProfileWatch({ trust, clock, log }: ProfileWatchDeps): ProfileWatch {
  const { promise: ready, resolve: becomeReady } = Promise.withResolvers<void>();
  const certificates = createProfileCertificates(trust);
  const listeners = new Set<(keys: readonly string[]) => void>();
  let snapshot: ProfileSnapshot = { entries: new Map(), revision: 0 };
  /** In the snapshot, and in the bucket no more. */
  const lost = new Set<string>();
  let isCurrent = false;
  let lastCurrent: Date | undefined;

  const swap = (entries: ReadonlyMap<string, ProfileEntry>): void => {
    const before = snapshot;
    snapshot = { entries, revision: newest(entries, lost) };
    const changed = changedKeys(before.entries, entries);
    if (changed.length === 0) return;
    tell(changed);
    for (const listener of [...listeners]) listener(changed);
  };
  const tell = (changed: readonly string[]): void => {
    const { entries, revision } = snapshot;
    if (changed.length > MANY) log.info({ changed: changed.length, revision }, 'profiles applied');
    else
      for (const key of changed)
        log.info(
          { profile: key, revision: entries.get(key)?.revision },
          entries.has(key) ? 'profile applied' : 'profile gone',
        );
  };
  /** The same object for the same bytes, so that what was found about it stays. */
  const toEntry = (raw: { key: string; value: Uint8Array; revision: number }): ProfileEntry => {
    const there = snapshot.entries.get(raw.key);
    const isSame = there?.revision === raw.revision && Buffer.compare(there.value, raw.value) === 0;
    return isSame ? there : profileEntry(raw, certificates);
  };
  const apply = (changes: readonly KvChange[]): void => {
    const next = new Map(snapshot.entries);
    let lostNow = 0;
    for (const { key, value, revision, vanished } of changes) {
      if (vanished) {
        if (next.has(key) && !lost.has(key)) lostNow += 1;
        if (next.has(key)) lost.add(key);
      } else {
        lost.delete(key);
        if (value === undefined) next.delete(key);
        else next.set(key, toEntry({ key, value, revision }));
      }
    }
    if (lostNow > 0) log.error({ lost: [...lost].slice(0, MANY), count: lost.size }, PROFILES_LOST);
    swap(next);
  };

  return {
    ready,
    startOn: ({ entries, currentAt }) => {
      lastCurrent = currentAt;
      swap(new Map(entries.map((raw) => [raw.key, toEntry(raw)])));
    },
    async follow(kv, signal) {
      let isBegun = false;
      let waiting: KvChange[] = [];
      for await (const { entries, upToDate } of kv.watch({ signal })) {
        waiting.push(...entries);
        if (upToDate) {
          // The watch begins with everything there is, deletions too: what it does not speak of then was lost.
          if (!isBegun) waiting.push(...unspoken(snapshot.entries, waiting));
          if (waiting.length > 0) apply(waiting);
          [isBegun, waiting] = [true, []];
        }
        if (isCurrent) lastCurrent = clock();
        isCurrent = upToDate && lost.size === 0;
        if (upToDate) becomeReady();
      }
      if (isCurrent) lastCurrent = clock();
      isCurrent = false;
    },
    snapshot: () => snapshot,
    currentAt: () => (isCurrent ? clock() : lastCurrent),
    isCurrent: () => isCurrent,
    changes(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    find(tenantId, profileId) {
      const { entries } = snapshot;
      const profile = entries.get(SUBJECTS.profileKey(tenantId, profileId))?.contents().profile;
      if (profile === undefined) throw notFound(profileId);
      return {
        profile,
        screen: entries.get(SUBJECTS.screenKey(tenantId))?.contents().screen,
        holding: entries.get(SUBJECTS.holdingKey(tenantId))?.contents().holding,
      };
    },
  };
}

const unspoken = (entries: ReadonlyMap<string, ProfileEntry>, changes: readonly KvChange[]): KvChange[] => {
  const spoken = new Set(changes.map(({ key }) => key));
  return [...entries.values()].flatMap(({ key, revision }) =>
    spoken.has(key) ? [] : [{ key, value: undefined, revision, vanished: true as const }],
  );
};

/** Revisions of what was lost are those of another bucket. */
function newest(entries: ReadonlyMap<string, ProfileEntry>, lost: ReadonlySet<string>): number {
  let revision = 0;
  for (const entry of entries.values())
    if (!lost.has(entry.key)) revision = Math.max(revision, entry.revision);
  return revision;
}

function changedKeys(
  before: ReadonlyMap<string, ProfileEntry>,
  after: ReadonlyMap<string, ProfileEntry>,
): string[] {
  const changed: string[] = [];
  for (const [key, entry] of after) if (before.get(key) !== entry) changed.push(key);
  for (const key of before.keys()) if (!after.has(key)) changed.push(key);
  return changed;
}

const notFound = (profileId: string): AppError =>
  new AppError('PROFILE_NOT_FOUND', `There is no IVR profile ${profileId}`, {
    fix: `Create it: sealtrack profiles create ${profileId} --name <name>. Then send the recording again, or retry its capture.`,
    details: { profile_id: profileId },
  });
