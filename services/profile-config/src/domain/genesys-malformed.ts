import { AppError } from '@sealtrack/errors/app-error';

/** `place` is that in the document, such as `profiles[3].dbid`; empty for the whole of it. */
export const malformed = (place: string, problem: string): AppError =>
  new AppError(
    'INVALID_ARGUMENT',
    place === '' ? `The document ${problem}` : `In the document, ${place} ${problem}`,
    {
      fix: 'Put it right there, and import again: docs/genesys.md says what it is made of.',
      details: { field: 'document', place },
    },
  );
