import { isSuiteName, SUITE_NAMES, type SuiteName } from '@sealtrack/envelope/suites';
import { AppError } from '@sealtrack/errors/app-error';
import { parseLine } from '@sealtrack/ids/line';
import {
  isMediaType,
  isPolicy,
  MEDIA_TYPES,
  type MediaType,
  POLICIES,
  type Policy,
} from '@sealtrack/ids/media-types';

const MAX_NAME = 128;
const DEFAULT_SUITE: SuiteName = 'pkcs7';

/** Each throws INVALID_ARGUMENT, naming the field. */
export const parseName = (name: string): string => parseLine('name', name, { min: 1, max: MAX_NAME });

export function parseSuite(suite: string): SuiteName {
  const chosen = suite === '' ? DEFAULT_SUITE : suite;
  if (isSuiteName(chosen)) return chosen;
  throw oneOf('suite', 'is not one that recordings can be sealed with', SUITE_NAMES);
}

/** What says nothing encrypts. */
export function parsePolicy(policy: string): Policy {
  const chosen = policy === '' ? 'required' : policy;
  if (isPolicy(chosen)) return chosen;
  throw oneOf('policy', 'is not one that there is', POLICIES);
}

export function parseMediaType(mediaType: string): MediaType {
  const chosen = mediaType === '' ? 'voice' : mediaType;
  if (isMediaType(chosen)) return chosen;
  throw oneOf('media_type', 'is not one that there is', MEDIA_TYPES);
}

const oneOf = (field: string, problem: string, choices: readonly string[]): AppError =>
  new AppError('INVALID_ARGUMENT', `${field} ${problem}`, {
    fix: `Give one of: ${choices.join(', ')}.`,
    details: { field },
  });
