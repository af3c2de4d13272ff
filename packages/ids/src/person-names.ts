/**
 * How people are named where somebody calls on their behalf, and in access policies: user:alice, group:administrators. The colon keeps
 * them apart from the names of certificates, which have none.
 */
const PERSON_NAME = /^(user|group):[a-z0-9._@+-]{1,128}$/;
const USER = 'user:';
const MAX_NAMES = 64;

export const isPersonName = (name: string): boolean => PERSON_NAME.test(name);

/** What one person is called: exactly one user, and his groups, of which there may be none; 64 names at most, none twice. */
export const arePersonNames = (names: readonly string[]): boolean =>
  names.length <= MAX_NAMES &&
  new Set(names).size === names.length &&
  names.every(isPersonName) &&
  names.filter((name) => name.startsWith(USER)).length === 1;

/** Of user:alice and her groups, "alice"; undefined for names of certificates. */
export const userOf = (names: readonly string[]): string | undefined =>
  names.find((name) => name.startsWith(USER))?.slice(USER.length);
