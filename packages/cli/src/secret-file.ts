import { AppError, hasCode } from '@sealtrack/errors/app-error';
import { writeOutputFile } from './output-file.ts';

/** A new file that only its owner may read. Throws OBJECT_EXISTS, STORE_FULL, INVALID_ARGUMENT. */
export async function writeSecretFile(path: string, secret: Uint8Array): Promise<void> {
  try {
    await writeOutputFile(path, once(secret));
  } catch (error) {
    throw hasCode(error, 'OBJECT_EXISTS') ? alreadyThere(error) : error;
  }
}

const alreadyThere = (cause: AppError): AppError =>
  new AppError('OBJECT_EXISTS', cause.message, {
    fix: 'Give another place for it: a secret is never replaced.',
    details: cause.details,
    cause,
  });

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
