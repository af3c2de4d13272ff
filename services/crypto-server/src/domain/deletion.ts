import {
  type Certificate,
  type Deletion,
  Deletion_State,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';

/** How long two people have for approving a deletion that recordings still stand against. */
const REQUEST_MS = 24 * 60 * 60 * 1000;
/** People who have to insist before a private key goes that a recording needs (architecture, 7.6). */
export const APPROVALS = 2;

/**
 * What deleting a certificate comes to. Nothing goes at once: what is deleted opens nothing and can be restored until
 * `until`; then purge-certificates.ts takes it away.
 */
export const deleteUntil = (
  { recordings, approvers }: Pick<Deletion, 'recordings' | 'approvers'>,
  now: Date,
  graceMs: number,
): Deletion => ({
  state: Deletion_State.DELETED,
  requestedAt: now,
  until: new Date(now.getTime() + graceMs),
  recordings,
  statement: '',
  approvers,
});

/** A request that waits for its approvals. `nonce` is random, so that no approval fits a second request. */
export function requestDeletion(
  certificate: Certificate,
  { recordings, now, nonce }: { readonly recordings: bigint; readonly now: Date; readonly nonce: string },
): Deletion {
  const until = new Date(now.getTime() + REQUEST_MS);
  return {
    state: Deletion_State.REQUESTED,
    requestedAt: now,
    until,
    recordings,
    statement: statementOf(certificate, recordings, until, nonce),
    approvers: [],
  };
}

/** What approvers sign. People read it before they do; everything in it is one line of its own. */
const statementOf = (
  { tenantId, certificateId, alias, subject }: Certificate,
  recordings: bigint,
  until: Date,
  nonce: string,
): string =>
  [
    'I approve that Sealtrack deletes this certificate, and its private key with the last certificate on it.',
    `tenant: ${tenantId}`,
    `certificate: ${certificateId}`,
    `alias: ${alias}`,
    `subject: ${subject}`,
    `recordings encrypted to it: ${recordings}`,
    `lapses: ${until.toISOString()}`,
    `request: ${nonce}`,
    '',
  ].join('\n');

/**
 * A deletion that comes out of a backup. Its time may long be over, the certificate restored since, and the index of its
 * recordings lost with Redis: it begins anew, so that nothing is purged before people could look. A request does not come back.
 */
export const deletionFromBackup = (
  deletion: Deletion | undefined,
  now: Date,
  graceMs: number,
): Deletion | undefined => {
  if (deletion?.state !== Deletion_State.DELETED) return undefined;
  const until = Math.max(deletion.until?.getTime() ?? 0, now.getTime() + graceMs);
  return { ...deletion, until: new Date(until) };
};

/** Whether it opens nothing any more. */
export const isDeleted = ({ deletion }: Pick<Certificate, 'deletion'>): boolean =>
  deletion?.state === Deletion_State.DELETED;

/** What whoever needs it now is told. */
export const certificateDeleted = ({ certificateId }: Pick<Certificate, 'certificateId'>): AppError =>
  new AppError('CERTIFICATE_DELETED', `Certificate ${certificateId} was deleted, and can still be restored`, {
    fix: `Restore it: sealtrack certificates restore ${certificateId.slice(0, 16)}.`,
    details: { certificate_id: certificateId },
  });

/** The request that waits for approval, if there is one that has not lapsed. */
export function pendingRequest({ deletion }: Pick<Certificate, 'deletion'>, now: Date): Deletion | undefined {
  const isPending = deletion?.state === Deletion_State.REQUESTED && !hasLapsed(deletion, now);
  return isPending ? deletion : undefined;
}

export const hasLapsed = ({ until }: Deletion, now: Date): boolean =>
  until === undefined || now.getTime() >= until.getTime();
