import { AppError } from '@sealtrack/errors/app-error';

const DEFAULT_PAGE = 100;
const MAX_PAGE = 1000;

/** How many are asked for. Throws INVALID_ARGUMENT for more than 1,000. */
export function parsePageSize(pageSize: number): number {
  if (pageSize <= MAX_PAGE) return pageSize || DEFAULT_PAGE;
  throw new AppError('INVALID_ARGUMENT', `page_size ${pageSize} is too large`, {
    fix: `Ask for at most ${MAX_PAGE} and follow next_page_token.`,
    details: { field: 'page_size' },
  });
}

export const toPageToken = (next: string | undefined): string =>
  next === undefined ? '' : Buffer.from(next).toString('base64url');

/** Where a page begins, which has to look like `form`; undefined for the first. Throws INVALID_ARGUMENT. */
export function parsePageToken(token: string, form: RegExp): string | undefined {
  if (token === '') return undefined;
  const next = Buffer.from(token, 'base64url').toString();
  if (form.test(next)) return next;
  throw new AppError('INVALID_ARGUMENT', 'page_token is malformed', {
    fix: 'Pass next_page_token of the page before, as it is.',
    details: { field: 'page_token' },
  });
}
