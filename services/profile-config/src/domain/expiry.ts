import type {
  CertificateExpiring,
  CertificateRevoked,
} from '@sealtrack/contracts/gen/sealtrack/events/v1/configuration';
import { type Assigned, type AssignedList, type Assignment, SCREEN } from './assigned-certificates.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Profiles that an event names: there may be thousands, and an event has its limits. */
const NAMED = 100;

/** Days before the end at which it is said, and 0 for when it has come. Ascending. */
const DAYS = [1, 7, 14, 30, 60] as const;
export type Within = (typeof DAYS)[number] | 0;

/** A certificate of a tenant's, once, wherever it is assigned. */
export interface Watched {
  readonly tenantId: string;
  readonly certificateId: string;
  readonly alias: string;
  /** As those of Assigned. */
  readonly end: number;
  readonly endsWith: string;
  readonly holders: readonly Assignment[];
}

export const nameOf = ({ tenantId, certificateId }: Watched): string => `${tenantId}.${certificateId}`;

/** Every certificate that is assigned. One that came with several chains ends with the first of them. */
export function watchedOf(assignments: Iterable<Assignment>): Watched[] {
  const found = new Map<string, Watched & { holders: Assignment[] }>();
  for (const assignment of assignments)
    for (const assigned of assignment.lists.flatMap(({ certificates }) => certificates)) {
      const { certificateId, alias, end, endsWith } = assigned;
      const { tenantId } = assignment;
      const first = { tenantId, certificateId, alias, end, endsWith, holders: [] };
      const known = found.get(nameOf(first)) ?? first;
      if (known.holders.at(-1) !== assignment) known.holders.push(assignment);
      found.set(nameOf(first), end < known.end ? { ...known, end, endsWith } : known);
    }
  return [...found.values()];
}

/** The closest of the moments at which something is said that has come. */
export function withinOf(end: number, now: number): Within | undefined {
  if (end < now) return 0;
  return DAYS.find((days) => end - now <= days * DAY_MS);
}

/** What is said of it. */
export function expiringOf(watched: Watched, within: Within, now: number): CertificateExpiring {
  const { certificateId, end, holders } = watched;
  const then = Math.max(end, now);
  const leftWithout = holders.filter(({ lists }) => lists.some((list) => isLeft(list, certificateId, then)));
  return {
    ...whereOf(watched),
    notAfter: new Date(end),
    withinDays: within,
    // The screen settings first: they concern every profile.
    leftWithout: namesOf(leftWithout)
      .sort((a, b) => Number(b === SCREEN) - Number(a === SCREEN))
      .slice(0, NAMED),
  };
}

export const revokedOf = (watched: Watched): CertificateRevoked => whereOf(watched);

function whereOf(watched: Watched): CertificateRevoked {
  const { tenantId, certificateId, alias, holders } = watched;
  const names = namesOf(holders);
  const profileIds = names.filter((name) => name !== SCREEN).slice(0, NAMED);
  return { tenantId, certificateId, alias, profileIds, screen: names.includes(SCREEN) };
}

const namesOf = (holders: readonly Assignment[]): string[] =>
  holders.map(({ holder }) => holder).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));

const isLeft = ({ isOff, certificates }: AssignedList, without: string, then: number): boolean =>
  !isOff &&
  certificates.some(({ certificateId }) => certificateId === without) &&
  !certificates.some((each) => each.certificateId !== without && isUsable(each, then));

/** As far as dates and revocation go: the rest is for encryptors to judge. */
const isUsable = ({ revoked, notBefore, end, useFrom }: Assigned, at: number): boolean =>
  !revoked && notBefore <= at && at < end && useFrom <= at;

/** How many profiles and screen settings have a media type for which nothing can be encrypted now, and should be. */
export const countWithoutUsable = (assignments: readonly Assignment[], now: number): number =>
  assignments.filter(({ lists }) =>
    lists.some(({ isOff, certificates }) => !isOff && !certificates.some((each) => isUsable(each, now))),
  ).length;
