import { AppError } from '@sealtrack/errors/app-error';
import { type DatabaseEntry, revocationOf, revokedEntry } from './ca-database.ts';
import { writeDatabase } from './database-file.ts';
import { findEntry } from './find-issued.ts';
import { heal } from './heal.ts';
import type { Layout } from './layout.ts';
import { withLock } from './lock.ts';

/**
 * Why a certificate is revoked (RFC 5280, 5.3.1), as far as `openssl ca` can put it on a list too: with another one in ca.db
 * it would refuse the whole folder.
 */
export const REVOCATION_REASONS = [
  'unspecified',
  'keyCompromise',
  'CACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
] as const;
export type RevocationReason = (typeof REVOCATION_REASONS)[number];

export interface RevokeOptions {
  readonly reason: RevocationReason;
  /** Where the path of a file begins. */
  readonly cwd: string;
  readonly now: Date;
}

/**
 * Revokes a certificate, which the next revocation list says. Resolves to its line in ca.db. Throws CERTIFICATE_NOT_FOUND,
 * CERTIFICATE_CONFLICT when it was revoked already, and as record() does.
 */
export const revokeCertificate = (
  layout: Layout,
  wanted: string,
  { reason, cwd, now }: RevokeOptions,
): Promise<DatabaseEntry> =>
  withLock(layout.lock, async () => {
    const entries = await heal(layout);
    const { serial } = await findEntry(entries, wanted, cwd);
    const changed = entries.map((entry) => {
      if (entry.serial !== serial) return entry;
      const before = revocationOf(entry);
      if (before !== undefined) throw revokedBefore(entry, before.at);
      // That there is no reason to tell is told by not giving one (5.3.1).
      return revokedEntry(entry, now, reason === 'unspecified' ? undefined : reason);
    });
    await writeDatabase(layout, changed);
    const entry = changed.find((one) => one.serial === serial);
    if (entry === undefined) throw new Error('the certificate that was revoked is gone');
    return entry;
  });

const revokedBefore = ({ serial, subject }: DatabaseEntry, at: Date): AppError =>
  new AppError(
    'CERTIFICATE_CONFLICT',
    `Certificate ${serial} (${subject}) was revoked already, at ${at.toISOString().slice(0, 19)}Z`,
    {
      fix: 'Nothing more has to be done to it. Publish a list that says so: sealtrack tls crl',
      details: { serial },
    },
  );
