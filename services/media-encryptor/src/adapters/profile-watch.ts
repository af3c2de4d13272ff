import type { Kv } from '@sealtrack/bus/kv';
import type { KvChange } from '@sealtrack/bus/kv-watch';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import type { Log } from '@sealtrack/service-kit/logger';
import type { TrustInForce } from '../domain/certificate-problem.ts';
import { createProfileCertificates } from '../domain/profile-certificate.ts';
import { BUCKET_LOST, type ProfileEntry, type ProfileSnapshot } from '../domain/profile-entry.ts';
import type { Clock, ProfileSource, Profiles, StoredProfiles } from '../ports.ts';
import { profileEntry } from './decode-entry.ts';

export interface ProfileWatch extends Profiles, ProfileSource {
  /** Resolves once there are profiles: all that the bucket has, or those that were stored. */
  readonly ready: Promise<void>;
  /** Begins with what was stored, until the bucket says what is newer: one without any entry says nothing. */
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
 * the bus is away the last snapshot goes on being used.
 */
export function createProfileWatch({ trust, clock, log }: ProfileWatchDeps): ProfileWatch {
  const { promise: ready, resolve: becomeReady } = Promise.withResolvers<void>();
  const certificates = createProfileCertificates(trust);
  const listeners = new Set<(keys: readonly string[]) => void>();
  let snapshot: ProfileSnapshot = { entries: new Map(), revision: 0 };
  /** Whether the snapshot is all that is in the bucket, to which changes can be applied. */
  let isWhole = false;
  let isCurrent = false;
  let lastCurrent: Date | undefined;

  const swap = (entries: ReadonlyMap<string, ProfileEntry>): void => {
    const before = snapshot;
    snapshot = { entries, revision: newest(entries) };
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
  const withChanges = (base: ReadonlyMap<string, ProfileEntry>, changes: readonly KvChange[]) => {
    const next = new Map(base);
    for (const { key, value, revision } of changes) {
      if (value === undefined) next.delete(key);
      else next.set(key, toEntry({ key, value, revision }));
    }
    return next;
  };

  return {
    ready,
    startOn: ({ entries, currentAt }) => {
      [isWhole, isCurrent, lastCurrent] = [false, false, currentAt];
      swap(new Map(entries.map((raw) => [raw.key, toEntry(raw)])));
      becomeReady();
    },
    async follow(kv, signal) {
      // The watch begins with everything there is: what it does not have then is gone, whatever was stored.
      isWhole = false;
      for await (const { entries, upToDate } of kv.watch({ signal })) {
        const base: ReadonlyMap<string, ProfileEntry> = isWhole ? snapshot.entries : new Map();
        const next: ReadonlyMap<string, ProfileEntry> | undefined =
          upToDate && (!isWhole || entries.length > 0) ? withChanges(base, entries) : undefined;
        // Nothing that is done to profiles leaves a bucket without any entry: it lost them, and says nothing of them.
        const isLost: boolean = next?.size === 0 && snapshot.entries.size > 0;
        if (isLost)
          log.error(
            { profiles: snapshot.entries.size },
            `${BUCKET_LOST}: going on with those that were in it`,
          );
        else if (next !== undefined) swap(next);
        if (upToDate) isWhole = !isLost && (isWhole || next !== undefined);
        if (isCurrent) lastCurrent = clock();
        isCurrent = upToDate && !isLost;
        if (isCurrent) becomeReady();
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

function newest(entries: ReadonlyMap<string, ProfileEntry>): number {
  let revision = 0;
  for (const entry of entries.values()) revision = Math.max(revision, entry.revision);
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
