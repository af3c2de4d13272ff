import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * What the pages send back with whatever changes something: of the session's own token, from which it follows and which does not
 * follow from it. So it is as good as a random one, and is kept nowhere.
 */
export const csrfTokenOf = (sessionToken: string): string =>
  createHash('sha256').update(`sealtrack csrf token\n${sessionToken}`).digest('base64url');

export function isCsrfToken(sessionToken: string, sent: string | undefined): boolean {
  const expected = Buffer.from(csrfTokenOf(sessionToken));
  const actual = Buffer.from(sent ?? '');
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}
