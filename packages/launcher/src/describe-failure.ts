import { errorText } from '@sealtrack/cli/output';
import { AppError } from '@sealtrack/errors/app-error';

/** What went wrong and what to do, for people; of what nobody foresaw, the whole stack. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof AppError))
    return `error: ${error instanceof Error ? error.stack : String(error)}\nfix: Report this with the text above.\n`;
  const details = Object.entries(error.details).map(([name, value]) => `  ${name}: ${value}\n`);
  return errorText(error, false) + details.join('');
}
