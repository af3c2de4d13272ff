import { AppError } from '@sealtrack/errors/app-error';
import { arePersonNames } from '@sealtrack/ids/person-names';

/** In the metadata of a call, for whom it is made: "user:alice group:administrators" (ADR 25). */
export const ON_BEHALF_OF = 'sealtrack-on-behalf-of';

/** Its value. @throws AppError INVALID_ARGUMENT for names that are not those of one person: none at all would be the caller itself. */
export function formatOnBehalfOf(names: readonly string[]): string {
  if (!arePersonNames(names)) throw notOnePerson();
  return names.join(' ');
}

/** The person's names. @param values of the metadata: one. @throws AppError INVALID_ARGUMENT, as of those that are none. */
export function parseOnBehalfOf(values: readonly (string | Uint8Array)[]): readonly string[] {
  const [value] = values;
  const names = typeof value === 'string' ? value.split(' ') : [];
  // HTTP/2 joins what comes twice with a comma, which no name has.
  if (values.length !== 1 || !arePersonNames(names)) throw notOnePerson();
  return names;
}

const notOnePerson = (): AppError =>
  new AppError('INVALID_ARGUMENT', `${ON_BEHALF_OF} does not name one person`, {
    fix: 'Name one user and at most 63 groups, with one space between: user:alice group:administrators, in a-z 0-9 . _ @ + -.',
    details: { field: ON_BEHALF_OF },
  });
