import type { Accounts, Links } from './ports.ts';

/**
 * A link for the first account, while there is none. Each console that starts has one of its own, and the first that is taken is the
 * last. Undefined once there is an account. @throws AppError INDEX_UNAVAILABLE.
 */
export async function offerSetup(
  accounts: Accounts,
  links: Links,
  linkFor: (path: string) => string,
): Promise<{ readonly link: string; readonly expiresAt: Date } | undefined> {
  if (await accounts.any()) return undefined;
  const { token, expiresAt } = await links.make({ for: 'setup' });
  return { link: linkFor(`/setup#${token}`), expiresAt };
}
