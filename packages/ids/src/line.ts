import { AppError } from '@sealtrack/errors/app-error';

// What would move a terminal's cursor, break a line, or turn the direction of what follows.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/**
 * One line of text for people to read, such as a name; empty only where `min` is 0.
 * @throws AppError INVALID_ARGUMENT, naming the field and its rule.
 */
export function parseLine(field: string, text: string, { min, max }: { min: 0 | 1; max: number }): string {
  const problem =
    text.length < min
      ? 'is missing'
      : text.length > max
        ? 'is too long'
        : 'has a character that cannot be shown';
  if (text.length >= min && text.length <= max && !UNPRINTABLE.test(text)) return text;
  throw new AppError('INVALID_ARGUMENT', `${field} ${problem}`, {
    fix: `Give one line of ${min} to ${max} characters, without control characters.`,
    details: { field },
  });
}
