import type { KeyObject } from 'node:crypto';
import { hasCode } from '@sealtrack/errors/app-error';
import { createAuthority } from './create-authority.ts';
import { type Authority, openAuthority, openAuthorityKey } from './open-authority.ts';
import { renewRoot } from './renew-root.ts';

const DAYS = 3650;
/** What its certificates need, and time to run this again. */
const RENEWED_BEFORE_DAYS = 180;
const DAY_MS = 24 * 60 * 60 * 1000;
const NO_PASSWORD = new Uint8Array();

export interface OpenedAuthority {
  readonly authority: Authority;
  readonly key: KeyObject;
}

/** The development CA of a folder: made when there is none, and its certificate renewed on its key before it ends. */
export async function ensureAuthority(dir: string, now: Date): Promise<OpenedAuthority> {
  const there = await openAuthority(dir).catch((error: unknown) => {
    if (hasCode(error, 'OBJECT_NOT_FOUND')) return undefined;
    throw error;
  });
  const authority =
    there ??
    (await createAuthority({
      ...{ dir, days: DAYS, digest: 'sha256', key: { type: 'p256' }, password: NO_PASSWORD, now },
      subject: { commonName: 'Sealtrack development CA' },
    }));
  const key = await openAuthorityKey(authority, NO_PASSWORD);
  const daysLeft = (authority.certificate.notAfter - now.getTime()) / DAY_MS;
  if (daysLeft >= RENEWED_BEFORE_DAYS) return { authority, key };
  return { authority: await renewRoot(authority, key, { days: DAYS, digest: 'sha256', now }), key };
}
