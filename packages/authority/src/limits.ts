import { distinguishedName } from '@sealtrack/certificates/distinguished-name';
import { type GeneralName, showGeneralName } from '@sealtrack/certificates/x509/general-names';
import { findForbidden } from '@sealtrack/certificates/x509/name-constraints';
import type { X509 } from '@sealtrack/certificates/x509/parse-x509';
import { AppError } from '@sealtrack/errors/app-error';
import type { Authority } from './open-authority.ts';

/** What is about to be issued, as far as the CAs above it may forbid it. */
export interface Wish {
  readonly notAfter: Date;
  readonly names: readonly GeneralName[];
  /** For a CA, how many may be below it; undefined for as many as there may be. */
  readonly ca?: { readonly pathLength: number | undefined };
}

/**
 * Refuses what nobody would accept because of a CA above it: a certificate that outlives it, names that it may not issue for,
 * a CA too deep below it. Throws INVALID_ARGUMENT, which says what there is instead.
 */
export function checkLimits({ certificate, above }: Authority, wish: Wish, now: Date): void {
  [certificate, ...above].forEach((ca, depth) => {
    checkValidity(ca, wish, now);
    checkNames(ca, wish.names);
    if (wish.ca !== undefined) checkDepth(ca, depth, wish.ca.pathLength);
  });
}

function checkValidity(ca: X509, { notAfter }: Wish, now: Date): void {
  const end = new Date(ca.notAfter);
  if (now.getTime() < ca.notBefore)
    throw refused(`${nameOf(ca)} is not valid yet`, 'Correct the clock.', '--dir');
  if (now > end)
    throw refused(
      `${nameOf(ca)} expired at ${show(end)}`,
      'Make a new authority: nobody accepts what this one issues.',
      '--dir',
    );
  if (notAfter <= end) return;
  const days = Math.floor((end.getTime() - now.getTime()) / DAY_MS);
  throw refused(
    `A certificate until ${show(notAfter)} would outlive ${nameOf(ca)}, which ends at ${show(end)}`,
    days > 0 ? `Give at most --days ${days}.` : 'Make a new authority: this one ends within a day.',
    '--days',
  );
}

function checkNames(ca: X509, names: readonly GeneralName[]): void {
  const { nameConstraints } = ca.extensions;
  const forbidden = nameConstraints && findForbidden(nameConstraints, names);
  if (forbidden === undefined || nameConstraints === undefined) return;
  const { permitted, excluded } = nameConstraints;
  const list = (bases: readonly GeneralName[]) => bases.map(showConstraint).join(', ');
  throw refused(
    `${nameOf(ca)} may not issue for ${showGeneralName(forbidden)}`,
    [
      ...(permitted.length > 0 ? [`It is permitted ${list(permitted)}.`] : []),
      ...(excluded.length > 0 ? [`Excluded is ${list(excluded)}.`] : []),
    ].join(' '),
    '--host',
  );
}

function checkDepth(ca: X509, depth: number, wanted: number | undefined): void {
  const { pathLength } = ca.extensions.basicConstraints ?? {};
  if (pathLength === undefined) return;
  const most = pathLength - depth - 1;
  if (most < 0)
    throw refused(
      `${nameOf(ca)} may have no further CA below it (path length ${pathLength})`,
      'Have the intermediate issued by a CA higher up, or issue certificates of hosts here.',
      '--dir',
    );
  if (wanted === undefined || wanted > most)
    throw refused(
      `${nameOf(ca)} has a path length of ${pathLength}, so the CA below it has one of at most ${most}`,
      `Give --path-length ${most}.`,
      '--path-length',
    );
}

const DAY_MS = 24 * 60 * 60 * 1000;

const nameOf = ({ subject }: X509): string => `the CA ${distinguishedName(subject.der)}`;
const show = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;

/** An address range has its mask behind it. */
function showConstraint(base: GeneralName): string {
  if (base.kind !== 'ip') return showGeneralName(base);
  const half = base.value.length / 2;
  const mask = [...base.value.subarray(half)].map((byte) => byte.toString(2)).join('');
  const bits = mask.replaceAll('0', '').length;
  return `${showGeneralName({ kind: 'ip', value: base.value.subarray(0, half) })}/${bits}`;
}

const refused = (message: string, fix: string, field: string): AppError =>
  new AppError('INVALID_ARGUMENT', message[0]?.toUpperCase() + message.slice(1), { fix, details: { field } });
