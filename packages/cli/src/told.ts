import { AppError } from '@sealtrack/errors/app-error';

/** A part that every answer has, which the wire cannot say. Throws INTERNAL. */
export function told<T>(part: T | undefined): T {
  if (part !== undefined) return part;
  throw new AppError('INTERNAL', 'The answer of the service is not whole', {
    fix: 'Check that it is of the same version as this command, and look at its log.',
  });
}
