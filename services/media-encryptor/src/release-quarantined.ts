import { toAppError } from '@sealtrack/errors/app-error';
import type { Log } from '@sealtrack/service-kit/logger';
import type { Counter, Gauge } from '@sealtrack/service-kit/metrics';
import type { ListedMark, QuarantineMark } from './domain/quarantine-mark.ts';
import { MAX_HELD_MEDIA } from './ports.ts';
import {
  certificatesFor,
  findHeld,
  type HeldRecording,
  type ReleaseHeldDeps,
  release,
  rewrapAll,
} from './release-held.ts';
import { createReleaseProblems, isAway } from './release-problems.ts';
import type { Again } from './repeat-on-change.ts';

export interface ReleaseQuarantinedDeps extends Omit<ReleaseHeldDeps, 'holding'> {
  /** Without it what is held stays, and is counted. */
  readonly holding: ReleaseHeldDeps['holding'] | undefined;
  /** Whether events would get out, and profiles are as they are now. Otherwise what is held is only counted. */
  readonly isReady: () => boolean;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  readonly inQuarantine: Gauge;
  readonly released: Counter;
}

/**
 * So many at a time in an order of chance: several encryptors that sweep at once find most of what another one released
 * already done, and do not all do the same in step.
 */
const WINDOW = 2048;
/** Of tags: manifests of long recordings are large, and a batch of them is in memory. */
const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/**
 * Looks through everything that is held, and has what can be sealed to the certificates of its profile by now sealed to
 * them; soon again when somebody whom it takes was away. Any number of encryptors may do so at once, and die at any point: docs/adr/0016-quarantine.md.
 */
export function createReleaseQuarantined(
  deps: ReleaseQuarantinedDeps,
): (signal: AbortSignal) => Promise<Again> {
  return async (signal) => {
    const { quarantine, holding, isReady, log } = deps;
    const sweep = holding === undefined || !isReady() ? undefined : newSweep({ ...deps, holding }, signal);
    let marks = 0;
    let window: ListedMark[] = [];
    for await (const mark of quarantine.list()) {
      if (signal.aborted) return 'later';
      marks++;
      if (sweep === undefined || sweep.isOver() || !sweep.canGo(mark)) continue;
      window.push(mark);
      if (window.length < WINDOW) continue;
      await sweep.releaseAll(window);
      window = [];
    }
    await sweep?.releaseAll(window);
    const { released, gone } = sweep?.end() ?? { released: 0, gone: 0 };
    const left = marks - released - gone;
    deps.inQuarantine.set(left);
    if (released > 0) log.info({ released, left }, 'released recordings from quarantine');
    // Whoever was away may be back in a moment, and recordings that wait cannot be played by their owners.
    return sweep?.isOver() ? 'soon' : 'later';
  };
}

function newSweep(
  deps: ReleaseHeldDeps & Pick<ReleaseQuarantinedDeps, 'random' | 'log' | 'released'>,
  signal: AbortSignal,
) {
  const counts = { released: 0, gone: 0 };
  let over = false;
  const problems = createReleaseProblems(deps.log);
  let group: { readonly of: string; readonly canGo: boolean } | undefined;

  /** Goes on with the others, unless they would fail alike. */
  async function trying<T>(mark: QuarantineMark, work: () => Promise<T>): Promise<T | undefined> {
    if (over || signal.aborted) return undefined;
    try {
      return await work();
    } catch (thrown) {
      const error = toAppError(thrown);
      over ||= isAway(error);
      if (!signal.aborted) problems.note(error, mark);
      return undefined;
    }
  }

  async function releaseBatch(batch: readonly HeldRecording[]): Promise<void> {
    const [first] = batch;
    if (first === undefined) return;
    const { mark } = first;
    const answers = await trying(mark, () => rewrapAll(deps, mark.tenantId, batch, signal));
    if (answers === undefined) return;
    for (const [index, held] of batch.entries()) {
      const outcome = await trying(held.mark, () => release(deps, held, answers[index] ?? []));
      if (outcome === 'gone') counts.gone++;
      if (outcome !== 'released') continue;
      counts.released++;
      deps.released.add(1);
    }
  }

  async function releaseOfTenant(marks: readonly QuarantineMark[]): Promise<void> {
    let batch: HeldRecording[] = [];
    let [media, bytes] = [0, 0];
    for (const mark of marks) {
      const held = await trying(mark, () => findHeld(deps, mark));
      if (held === 'gone') counts.gone++;
      if (held === undefined || held === 'gone' || held === 'stays') continue;
      if (media + held.media.length > MAX_HELD_MEDIA || bytes > MAX_BATCH_BYTES) {
        await releaseBatch(batch);
        batch = [];
        [media, bytes] = [0, 0];
      }
      batch.push(held);
      media += held.media.length;
      for (const { tags } of held.media) bytes += tags.length;
    }
    await releaseBatch(batch);
  }

  return {
    isOver: () => over,
    /** Without reading the mark: most of what is held has to stay, for as long as it takes to repair a profile. */
    canGo(mark: ListedMark): boolean {
      // What is in the manifest already has to be said, whatever has become of the profile since.
      if (mark.isDecided) return true;
      const of = `${mark.tenantId}/${mark.profileId}/${mark.mediaType}`;
      if (group?.of !== of) group = { of, canGo: certificatesFor(deps, mark).length > 0 };
      return group.canGo;
    },
    async releaseAll(marks: readonly ListedMark[]): Promise<void> {
      // What was begun first: if that is already in the manifest, no crypto server is needed to end it.
      const inOrder = shuffled(marks, deps.random).toSorted((a, b) => +b.isDecided - +a.isDecided);
      const byTenant = Map.groupBy(inOrder, ({ tenantId }) => tenantId);
      for (const ofTenant of byTenant.values()) await releaseOfTenant(ofTenant);
    },
    /** What this encryptor released, and what there was nothing to release of. */
    end(): typeof counts {
      problems.say();
      return counts;
    },
  };
}

function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  const all = [...items];
  for (let last = all.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [all[last], all[other]] = [all[other] as T, all[last] as T];
  }
  return all;
}
