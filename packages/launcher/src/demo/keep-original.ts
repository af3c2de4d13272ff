import { contentTypeOf } from '@sealtrack/cli/content-types';
import { openInput } from '@sealtrack/cli/files';
import { writeOutputFile } from '@sealtrack/cli/output-file';
import { AppError } from '@sealtrack/errors/app-error';
import { generateCallWav } from '../generate-call.ts';
import { digesting } from './digest.ts';
import { type Original, originalFile } from './publish-recordings.ts';
import type { Results } from './results.ts';

const CALL_SECONDS = 60;

/** The file, or a generated call. Throws MEDIA_EMPTY, or INVALID_ARGUMENT when the file cannot be read. */
export async function openOriginal(file: string | undefined): Promise<AsyncIterable<Uint8Array>> {
  if (file === undefined) return generated();
  const { content, size } = await openInput(file, { stdin: process.stdin, cwd: process.cwd() });
  if (size !== 0) return content;
  throw new AppError('MEDIA_EMPTY', `${file} is empty`, { fix: 'Give a file with something in it.' });
}

/** A copy among the results: a file that still grows is one recording all the same, and can be compared afterwards. */
export async function keepOriginal(source: AsyncIterable<Uint8Array>, results: Results): Promise<Original> {
  const seen = digesting(source);
  await writeOutputFile(results.original, seen.content);
  return originalFile(results.original, contentTypeOf(results.original), seen.result());
}

async function* generated(): AsyncGenerator<Uint8Array> {
  yield generateCallWav(CALL_SECONDS);
}
