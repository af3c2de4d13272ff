import {
  type EncryptorRollout,
  type EncryptorStatus,
  type RefusedEntry,
  EncryptorRollout_State as State,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';

/** What is rolled out: the newest of an entry in the bucket `profiles`. */
export interface PushedEntry {
  readonly key: string;
  readonly revision: bigint;
}

/** Encryptors report every 10 seconds: two of those got lost, then. */
const SILENT_MS = 30_000;
/**
 * The bucket forgets what was said a minute ago. What says that it is older was said by a clock that is behind, and
 * tells nothing of silence.
 */
const FORGOTTEN_MS = 75_000;

/** Which encryptor runs the entry, by what each said of itself. In the order of their names. */
export const rolloutOf = (
  entry: PushedEntry,
  statuses: readonly EncryptorStatus[],
  now: Date,
): EncryptorRollout[] =>
  statuses
    .map((status) => {
      const refused = status.refused.filter((each) => concerns(each, entry));
      const { instance, revision, reportedAt, currentAt } = status;
      return {
        instance,
        state: stateOf(entry, status, refused, now),
        revision,
        reportedAt,
        currentAt,
        refused,
      };
    })
    .sort((a, b) => a.instance.localeCompare(b.instance, 'en', { numeric: true }));

/** A refusal of what was there before says nothing of what is there now. */
const concerns = ({ key, revision }: RefusedEntry, entry: PushedEntry): boolean =>
  key === entry.key && revision >= entry.revision;

function stateOf(
  entry: PushedEntry,
  { revision, reportedAt, refused: all, refusedTotal }: EncryptorStatus,
  refused: readonly RefusedEntry[],
  now: Date,
): State {
  if (isSilent(reportedAt, now)) return State.SILENT;
  if (refused.length > 0) return State.REFUSED;
  if (revision < entry.revision) return State.PENDING;
  // It names a hundred refusals at most: this entry may be among the others.
  return refusedTotal > all.length ? State.UNSPECIFIED : State.APPLIED;
}

/** By two clocks: one that is ahead, or far behind, makes nobody silent. */
function isSilent(reportedAt: Date | undefined, now: Date): boolean {
  if (reportedAt === undefined) return true;
  const age = now.getTime() - reportedAt.getTime();
  return age > SILENT_MS && age < FORGOTTEN_MS;
}
