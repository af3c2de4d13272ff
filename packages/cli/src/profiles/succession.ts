import type {
  AssignedCertificate,
  MediaSettings,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { findCertificates } from '../certificate-prefix.ts';
import { resolveCertificates } from '../certificates/read-certificates.ts';
import type { Context } from '../context.ts';
import { formatTime } from '../units.ts';
import { nameCertificates, whatHappens } from './describe-settings.ts';

export interface Succeeding {
  /** As people name them. */
  readonly old: string;
  readonly next: string;
  readonly from: Date | undefined;
}

export type SuccessionChange = Awaited<ReturnType<typeof findSuccession>>;

/** What is to be assigned. Throws as findCertificates does, the old one being sought among the assigned ones. */
export async function findSuccession(
  context: Context,
  assigned: readonly AssignedCertificate[],
  { old, next, from }: Succeeding,
) {
  const replaces = await findAssigned(assigned, [old]);
  const certificateId = await resolveCertificates(context, [next]);
  const ids = [...assigned.map((each) => each.certificateId), ...replaces, ...certificateId];
  return {
    certificateIds: [...new Set<string>(ids)],
    successions: certificateId.flatMap((id) =>
      replaces.map((before) => ({ certificateId: id, replaces: before, useFrom: from })),
    ),
  };
}

/** Those of a list that people mean. */
export const findAssigned = (assigned: readonly AssignedCertificate[], wanted: readonly string[]) =>
  findCertificates(wanted, async () => assigned);

export function describeSuccession(
  recordings: string,
  settings: MediaSettings,
  { successions }: SuccessionChange,
): string {
  const [{ certificateId = '', replaces = '', useFrom } = {}] = successions;
  const named = (id: string): string =>
    nameCertificates(settings.certificates.filter((each) => each.certificateId === id));
  const when = useFrom === undefined ? 'as soon as it can be used' : `at ${formatTime(useFrom)}`;
  return [
    `${named(certificateId)} takes over from ${named(replaces)} ${when}.`,
    `${recordings} are now ${whatHappens(settings, new Date())}.`,
  ].join('\n');
}
