import type {
  AssignedCertificate,
  MediaSettings,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { printable } from '../output.ts';
import { formatTime } from '../units.ts';

const POLICY: Readonly<Record<string, string>> = {
  required: 'required: without a usable certificate, recordings are kept in quarantine',
  optional: 'optional: without a usable certificate, recordings are stored in clear',
  off: 'off: recordings are stored in clear',
};

export const describePolicy = (policy: string): string => POLICY[policy] ?? policy;

/** What turning to this policy means, for whom did not mean it; undefined for the one that always encrypts. */
export function warningOf(policy: string | undefined): string | undefined {
  if (policy === 'off')
    return 'warning: with the policy "off" every recording is stored in clear: whoever can read the media store can hear it';
  if (policy === 'optional')
    return 'warning: with the policy "optional" a recording is stored in clear whenever no certificate can be used, such as when the last one has expired';
  return undefined;
}

/** Why nothing is encrypted to it now, be it used already or not; undefined when it can be used. */
export function whyUnusable(certificate: AssignedCertificate, now: Date): string | undefined {
  const { notBefore, notAfter, revoked } = certificate;
  if (revoked) return 'was revoked: nothing is encrypted to it';
  if (notAfter !== undefined && notAfter < now)
    return `expired at ${formatTime(notAfter)}: nothing is encrypted to it`;
  if (notBefore !== undefined && notBefore > now)
    return `is not valid before ${formatTime(notBefore)}: until then nothing is encrypted to it`;
  return undefined;
}

export const isUsable = (certificate: AssignedCertificate, now: Date): boolean =>
  whyUnusable(certificate, now) === undefined && !isWaiting(certificate, now);

/** It is not to be used yet. */
const isWaiting = ({ useFrom }: AssignedCertificate, now: Date): boolean =>
  useFrom !== undefined && useFrom > now;

/** Those that recordings are encrypted to now, as far as the assignment tells. */
export function inUse(certificates: readonly AssignedCertificate[], now: Date): AssignedCertificate[] {
  const usable = certificates.filter((each) => isUsable(each, now));
  const replaced = new Set(usable.map(({ replaces }) => replaces));
  return usable.filter(({ certificateId }) => !replaced.has(certificateId));
}

export const nameCertificates = (certificates: readonly AssignedCertificate[]): string =>
  certificates
    .map(({ certificateId, alias }) => `${certificateId.slice(0, 8)} (${printable(alias)})`)
    .join(', ');

/** "encrypted to 3fa9c1d2 (sales)". */
export function whatHappens({ certificates, policy }: MediaSettings, now: Date): string {
  if (policy === 'off') return 'stored in clear';
  const used = inUse(certificates, now);
  if (used.length > 0) return `encrypted to ${nameCertificates(used)}`;
  if (policy === 'optional') return 'stored in clear, until a certificate can be used';
  return 'sealed to the holding key and kept in quarantine, until a certificate can be used';
}

/** A line each. */
export function describeSettings({ certificates, policy }: MediaSettings, now: Date): string[] {
  const used = new Set(inUse(certificates, now).map(({ certificateId }) => certificateId));
  return [
    describePolicy(policy),
    `${certificates.length === 0 ? 'no certificate; ' : ''}now they are ${whatHappens({ certificates, policy }, now)}`,
    ...certificates.map((each) => {
      const { certificateId, alias, notBefore, notAfter } = each;
      return [
        `${certificateId.slice(0, 16)} ${printable(alias)}`,
        `valid ${formatTime(notBefore)} to ${formatTime(notAfter)}`,
        ...successionOf(each),
        ...(used.has(certificateId) ? [] : reasonOf(each, now)),
      ].join('; ');
    }),
  ];
}

/** Of one that is not in use. That it waits, the succession says. */
function reasonOf(certificate: AssignedCertificate, now: Date): string[] {
  const why = whyUnusable(certificate, now);
  if (why !== undefined) return [why];
  return isWaiting(certificate, now) ? [] : ['another one has taken over from it'];
}

function successionOf({ replaces, useFrom }: AssignedCertificate): string[] {
  const when = useFrom === undefined ? 'once it can be used' : `at ${formatTime(useFrom)}`;
  if (replaces !== '') return [`takes over from ${replaces.slice(0, 16)} ${when}`];
  return useFrom === undefined ? [] : [`used from ${formatTime(useFrom)}`];
}

export const settingsView = ({ certificates, policy }: MediaSettings) => ({
  policy,
  certificates: certificates.map(
    ({ certificateId, keyId, alias, notBefore, notAfter, replaces, useFrom, revoked }) => ({
      ...{ certificateId, keyId, alias, notBefore, notAfter, replaces, useFrom, revoked },
    }),
  ),
});
