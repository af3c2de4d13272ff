import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { Log } from '@sealtrack/service-kit/logger';
import { type Pause, pause } from '@sealtrack/service-kit/pause';
import { type Assignment, withRevoked } from './domain/assigned-certificates.ts';
import { nameOf, revokedOf, type Watched, watchedOf } from './domain/expiry.ts';
import type { AllSettings, CertificateAnnouncer, Notices, Revocations, SettingsStore } from './ports.ts';

export interface WatchRevocationDeps {
  readonly settings: AllSettings & SettingsStore;
  readonly revocations: Revocations;
  readonly notices: Notices;
  readonly announcer: Pick<CertificateAnnouncer, 'revoked'>;
  readonly log: Log;
  readonly wait?: Pause;
  /** Milliseconds, of a clock that nobody sets. */
  readonly elapsed?: () => number;
}

const PAUSE_MS = 60 * 1000;
/** The pause is so many times as long as the crypto server took: one with ten thousands of certificates is not kept busy. */
const PAUSE_SHARE = 20;
/** Each conflict is a change that somebody else made: there are not as many of one entry. */
const MAX_TRIES = 10;

/**
 * Marks what is assigned and was revoked, which pushes that to every encryptor, and says so. Nothing is unmarked here: a
 * person assigns the certificate again. Any number of processes may do this at once.
 *
 * The mark comes first, since it is what matters. After a crash before the event, the notice is missing, and it is said
 * in a later round.
 */
export function createWatchRevocation(deps: WatchRevocationDeps) {
  const { settings, revocations, notices, announcer, log, wait = pause } = deps;
  const { elapsed = () => performance.now() } = deps;
  const kept = new Set<string>();
  /** How long the answers of a round took. Of a server that is away there is none, and it is asked again soon. */
  let busyMs = 0;

  async function revokedIn(tenantId: string, signal: AbortSignal): Promise<ReadonlySet<string>> {
    const begin = elapsed();
    const revoked = await revocations.of(tenantId, signal);
    busyMs += elapsed() - begin;
    return revoked;
  }

  /** Whether it was marked here. */
  async function mark(assignment: Assignment, revoked: ReadonlySet<string>): Promise<boolean> {
    for (let tries = 1; ; tries += 1)
      try {
        return await settings.change(assignment, (now) => withRevoked(now, revoked));
      } catch (error) {
        if (!hasCode(error, 'PROFILE_CONFLICT') || tries === MAX_TRIES) throw error;
      }
  }

  async function say(watched: Watched, isNew: boolean): Promise<void> {
    const name = `${nameOf(watched)}.revoked`;
    const isKept = kept.has(name) || (await notices.has(name));
    // What is revoked a second time, after somebody assigned it again, is said a second time.
    if (isNew || !isKept) await announcer.revoked(revokedOf(watched));
    if (!isKept) await notices.keep(name);
    kept.add(name);
  }

  async function lookAt(tenantId: string, assignments: readonly Assignment[], signal: AbortSignal) {
    const revoked = await revokedIn(tenantId, signal);
    if (revoked.size === 0) return;
    const marked = new Set<string>();
    const failures: unknown[] = [];
    for (const assignment of assignments) {
      const ids = unmarkedOf(assignment, revoked);
      if (ids.length === 0) continue;
      try {
        if (!(await mark(assignment, revoked))) continue;
        for (const id of ids) marked.add(id);
        const { holder } = assignment;
        log.warn({ tenantId, holder, certificateIds: ids }, 'certificates that are assigned were revoked');
      } catch (error) {
        failures.push(error);
      }
    }
    for (const watched of watchedOf(assignments))
      if (revoked.has(watched.certificateId)) await say(watched, marked.has(watched.certificateId));
    if (failures.length > 0) throw failures[0];
  }

  async function round(signal: AbortSignal): Promise<void> {
    busyMs = 0;
    const assigned = (await settings.list()).filter(({ lists }) =>
      lists.some(({ certificates }) => certificates.length > 0),
    );
    const failures: unknown[] = [];
    for (const [tenantId, assignments] of Map.groupBy(assigned, (each) => each.tenantId)) {
      if (signal.aborted) return;
      // One tenant's trouble is not another's.
      await lookAt(tenantId, assignments, signal).catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  return async (signal: AbortSignal): Promise<void> => {
    let failing = '';
    while (!signal.aborted) {
      try {
        await round(signal);
        if (failing !== '') log.info({}, 'revoked certificates are looked for again');
        failing = '';
      } catch (err) {
        if (signal.aborted) return;
        const code = err instanceof AppError ? err.code : 'unexpected';
        // Once for as long as it lasts, and not each minute.
        if (code !== failing)
          log.error({ err }, 'looking for revoked certificates failed; trying again later');
        failing = code;
      }
      await wait(Math.max(PAUSE_MS, PAUSE_SHARE * busyMs), signal);
    }
  };
}

const unmarkedOf = ({ lists }: Assignment, revoked: ReadonlySet<string>): string[] => [
  ...new Set(
    lists
      .flatMap(({ certificates }) => certificates)
      .filter((each) => !each.revoked && revoked.has(each.certificateId))
      .map(({ certificateId }) => certificateId),
  ),
];
