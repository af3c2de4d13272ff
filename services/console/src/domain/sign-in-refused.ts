import { AppError } from '@sealtrack/errors/app-error';

/** Whatever was wrong: who tries names learns nothing from it. */
export const signInRefused = (): AppError =>
  new AppError('SIGN_IN_REFUSED', 'That name and that password do not go together', {
    fix: 'Try again. If the password is lost, have an administrator send an invitation: its link sets a new one.',
  });
