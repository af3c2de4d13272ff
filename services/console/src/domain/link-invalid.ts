import { AppError } from '@sealtrack/errors/app-error';

/** Of another kind, taken, too old, or never there. */
export const linkInvalid = (): AppError =>
  new AppError('LINK_INVALID', 'That link is good no more', {
    fix: 'Links are good once, within 24 hours, and only the newest. For an account, have an administrator send another one; for the first account, restart the console: it has another one then (docs/console.md).',
  });
