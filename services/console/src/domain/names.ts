import { AppError } from '@sealtrack/errors/app-error';

/**
 * How accounts and groups are called: as access policies name people, user:alice (packages/ids/src/person-names.ts), shorter, and
 * beginning with something that is no sign, so that no address leads elsewhere by a name of dots.
 */
const NAME = /^[a-z0-9][a-z0-9._@+-]{0,63}$/;

export const isName = (text: string): boolean => NAME.test(text);

/**
 * As people write it: capital letters are small ones, so that nobody is called nearly as somebody else. Those of ASCII only: the sign of
 * the kelvin would become a k, and whoever an identity provider lets call himself that would be somebody else here.
 */
export const readName = (text: string): string =>
  text.trim().replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

/** More than a call on somebody's behalf takes is too many. */
export const MAX_GROUPS = 32;

const IS = 'of 1 to 64 small letters, digits and . _ @ + -, beginning with a letter or a digit';

/** @throws AppError INVALID_ARGUMENT. */
export function checkName(name: string): string {
  if (isName(name)) return name;
  throw new AppError('INVALID_ARGUMENT', 'That cannot be the name of an account', {
    fix: `Names are ${IS}.`,
    details: { field: 'name' },
  });
}

/** Each once, in their order. @throws AppError INVALID_ARGUMENT. */
export function checkGroups(groups: readonly string[]): readonly string[] {
  const each = [...new Set(groups)].sort();
  if (each.length <= MAX_GROUPS && each.every(isName)) return each;
  throw new AppError('INVALID_ARGUMENT', 'Those cannot be the groups of an account', {
    fix: `Name at most ${MAX_GROUPS} groups, each ${IS}.`,
    details: { field: 'groups' },
  });
}
