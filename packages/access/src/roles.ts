import type { Action } from './access.ts';

/** What each role may do: code, so that a policy is read as a list of who is what (ADR 21). */
export const ROLES = {
  pipeline: ['recording.put'],
  player: ['recording.read', 'media.play', 'media.export', 'key.unwrap'],
  administrator: [
    'recording.read',
    'certificate.read',
    'certificate.import',
    'certificate.delete',
    'profile.read',
    'profile.write',
    'seal.read',
    'seal.change',
    'key.backup',
    'key.restore',
    'event.read',
    'capture.retry',
    'account.manage',
  ],
  operator: [
    'recording.read',
    'certificate.read',
    'profile.read',
    'seal.read',
    'seal.change',
    'key.backup',
    'key.restore',
    'event.read',
    'capture.retry',
  ],
  auditor: ['recording.read', 'certificate.read', 'profile.read', 'seal.read', 'event.read', 'audit.read'],
  // Of services: what each asks of the others, and nothing besides.
  encryptor: ['key.rewrap'],
  'profile-config': ['certificate.read', 'key.hold'],
  'crypto-server': ['recording.read', 'key.hand-over'],
  gateway: ['media.play-for-others'],
  console: ['user.act-for'],
} as const satisfies Readonly<Record<string, readonly Action[]>>;

export type Role = keyof typeof ROLES;

export const ROLE_NAMES = Object.keys(ROLES) as readonly Role[];

/** Given to whoever is a service of the system itself, and to no one else. */
const OF_SERVICES: readonly Role[] = ['encryptor', 'profile-config', 'crypto-server', 'gateway', 'console'];

/** Those for people and their programs, unless only services have it. */
export function rolesThatMay(action: Action): readonly Role[] {
  const all = ROLE_NAMES.filter((role) => actionsOfRole(role).includes(action));
  const forPeople = all.filter((role) => !OF_SERVICES.includes(role));
  return forPeople.length > 0 ? forPeople : all;
}

export const actionsOfRole = (role: Role): readonly Action[] => ROLES[role];
