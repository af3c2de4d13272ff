import { AppError } from '@sealtrack/errors/app-error';

export const accountExists = (name: string): AppError =>
  new AppError('ACCOUNT_EXISTS', `There is an account ${name} already`, {
    fix: 'Choose another name, or change the account that there is.',
    details: { field: 'name' },
  });

export const accountNotFound = (): AppError =>
  new AppError('ACCOUNT_NOT_FOUND', 'There is no such account', { fix: 'Load the list of accounts anew.' });
