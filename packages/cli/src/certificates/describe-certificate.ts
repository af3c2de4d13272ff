import { X509Certificate } from 'node:crypto';
import {
  type Certificate,
  type Deletion,
  Deletion_State,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { printable } from '../output.ts';
import { formatTime } from '../units.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export type CertificateView = ReturnType<typeof toView>;

/** The same facts for programs. */
export function toView(certificate: Certificate) {
  const { certificateId, keyId, alias, subjectName, subject, issuer, serialNumber } = certificate;
  const { notBefore, notAfter, keyBits, publicExponent, signatureAlgorithm, importedAt } = certificate;
  const { hasPrivateKey, decryptOnly, trust, problem, problemText, deletion } = certificate;
  return {
    ...{ certificateId, keyId, alias, subjectName, subject, issuer, serialNumber },
    ...{ notBefore, notAfter, keyBits, publicExponent, signatureAlgorithm, importedAt },
    ...{ hasPrivateKey, decryptOnly, trust, problem, problemText },
    chain: certificate.chain.map(subjectOf),
    deletion: deletion === undefined ? null : deletionView(deletion),
  };
}

const deletionView = ({ state, requestedAt, until, recordings, statement, approvers }: Deletion) => ({
  state: state === Deletion_State.DELETED ? 'deleted' : 'requested',
  ...{ requestedAt, until, recordings, statement, approvers },
});

/** Who the certificates above it are: their keys need not be ones that recordings can be encrypted to. */
function subjectOf(der: Buffer): string {
  try {
    return new X509Certificate(der).subject.split('\n').reverse().join(',');
  } catch {
    return 'unreadable';
  }
}

export interface Described {
  readonly view: CertificateView;
  readonly warnings?: readonly string[];
  /** False for what was only tried. */
  readonly stored?: boolean;
  readonly now: Date;
}

/** Everything about it, a line each. */
export function describeCertificate({ view, warnings = [], stored = true, now }: Described): string {
  const rows: readonly (readonly [string, string])[] = [
    ['alias', view.alias],
    ['subject name', view.subjectName],
    ['serial number', view.serialNumber],
    ['subject', view.subject],
    ['issuer', view.issuer],
    ['valid from', formatTime(view.notBefore)],
    ['valid until', `${formatTime(view.notAfter)} (${daysLeft(view.notAfter, now)})`],
    ['key', `RSA, ${view.keyBits} bits, exponent ${view.publicExponent}`],
    ['key id', view.keyId],
    ['certificate id', `${view.certificateId} (SHA-256)`],
    ['signature', view.signatureAlgorithm],
    ['trust', TRUST[view.trust] ?? view.trust],
    ['used for', usesOf(view)],
    ['private key', keyOf(view, stored)],
    ['chain', view.chain.length === 0 ? 'none above it' : (view.chain[0] ?? '')],
    ...view.chain.slice(1).map((subject) => ['', subject] as const),
    ...(view.problem === '' ? [] : [['problem', `${view.problem}: ${view.problemText}`] as const]),
    ...(view.deletion === null ? [] : [['deletion', describeDeletion(view.deletion)] as const]),
    ...warnings.map((warning) => ['warning', warning] as const),
  ];
  return rows.map(([name, text]) => `${name.padEnd(16)}${printable(text)}`.trimEnd()).join('\n');
}

function keyOf({ hasPrivateKey }: CertificateView, stored: boolean): string {
  if (stored) return hasPrivateKey ? 'held by this crypto server' : 'not held by this crypto server';
  return hasPrivateKey ? 'belongs to it' : 'not given, and not held by this crypto server';
}

const TRUST: Readonly<Record<string, string>> = {
  'self-signed': 'self-signed: by nobody but itself',
  'private-ca': 'private CA: its root came along with it',
  'trusted-root': 'a root that this crypto server is configured to trust',
  none: 'none: it is for opening recordings only',
};

export const isDeleted = ({ deletion }: CertificateView): boolean => deletion?.state === 'deleted';

function usesOf(view: CertificateView): string {
  if (isDeleted(view)) return 'nothing: it is deleted';
  if (view.decryptOnly) return 'opening recordings only';
  if (view.problem !== '') return `opening recordings; no new ones are encrypted to it: ${view.problemText}`;
  return 'encrypting and opening recordings';
}

function describeDeletion(deletion: NonNullable<CertificateView['deletion']>): string {
  const { state, until, recordings, approvers } = deletion;
  if (state === 'deleted') return `deleted; can be restored until ${formatTime(until)}`;
  const by = approvers.length === 0 ? 'nobody yet' : approvers.join(', ');
  return `asked for, when ${recordingsAre(recordings)} encrypted to it; approved by ${by}; lapses ${formatTime(until)}`;
}

/** "1204 recordings are". */
export const recordingsAre = (recordings: bigint): string =>
  `${recordings} ${recordings === 1n ? 'recording is' : 'recordings are'}`;

/** What stands in a list: "usable", or why not. */
export function stateOf(view: CertificateView): string {
  if (isDeleted(view)) return `deleted, to ${formatTime(view.deletion?.until)}`;
  const state = view.problem !== '' ? view.problem : view.decryptOnly ? 'decrypt-only' : 'usable';
  return view.deletion === null ? state : `${state}, deletion asked for`;
}

/** "sales (3fa9c1d200000000)". */
export const nameOf = ({ alias, certificateId }: Pick<Certificate, 'alias' | 'certificateId'>): string =>
  `${printable(alias)} (${shortId({ certificateId })})`;

/** As much of it as nobody has to doubt. */
export const shortId = ({ certificateId }: Pick<Certificate, 'certificateId'>): string =>
  certificateId.slice(0, 16);

/** Whole days, of a certificate that is valid now; negative when it has expired. */
export const daysUntil = (time: Date | undefined, now: Date): number =>
  Math.floor(((time?.getTime() ?? 0) - now.getTime()) / DAY_MS);

/** The same for people. */
export function daysLeft(time: Date | undefined, now: Date): string {
  const days = daysUntil(time, now);
  if (days < 0) return `expired ${count(-days)} ago`;
  return days === 0 ? 'less than a day left' : `${count(days)} left`;
}

const count = (days: number): string => `${days} ${days === 1 ? 'day' : 'days'}`;
