import { createHash } from 'node:crypto';

// All in one slot of a cluster, so one script may touch them. What stands for a secret is its hash: whoever reads Redis, or a backup of
// it, has no session by that.

const PREFIX = 'st:{_}:';
/** A hash of names, and under # how often anything of them has changed. */
export const ACCOUNTS = `${PREFIX}accounts`;
export const REVISION = '#';
export const accountKey = (name: string): string => `${PREFIX}account:${name}`;

export const SESSION_PREFIX = `${PREFIX}session:`;
export const sessionKey = (token: string): string => SESSION_PREFIX + digest(token);
/** A sorted set of the digests of somebody's sessions, by when they end at the latest. */
export const sessionsKey = (name: string): string => `${PREFIX}sessions:${name}`;

export const LINK_PREFIX = `${PREFIX}invitation:`;
export const linkKey = (token: string): string => LINK_PREFIX + digest(token);
/** A set of the digests of somebody's invitations. */
export const linksKey = (name: string): string => `${PREFIX}invitations:${name}`;

export const pendingKey = (token: string): string => `${PREFIX}sign-in:${digest(token)}`;
/** Sorted sets of digests of such tokens, by when they end: of an address, and of everybody. */
export const pendingsKey = (address: string): string => `${PREFIX}sign-in:of:${digest(address)}`;
export const ALL_PENDING = `${PREFIX}sign-in:all`;

export const throttleKey = (kind: 'account' | 'address' | 'browser', of: string): string =>
  `${PREFIX}throttle:${kind}:${digest(of)}`;
export const browserKey = (token: string): string => `${PREFIX}throttle:known:${digest(token)}`;

export const digest = (secret: string): string => createHash('sha256').update(secret).digest('hex');
