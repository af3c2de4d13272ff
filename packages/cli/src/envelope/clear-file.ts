import { createChecksum } from '@sealtrack/envelope/checksum';
import { openClearMedia } from '@sealtrack/envelope/clear-media';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { Context } from '../context.ts';
import type { Opened } from './open-sealed.ts';
import { type ClearMediaFile, checkSize } from './sealed-media.ts';
import { type VerifiedMedia, wrongChecksum } from './verify-sealed.ts';

/** Nothing comes out that is not as it was stored. Throws DECRYPTION_FAILED, then and while being read. */
export function openClear(context: Context, file: ClearMediaFile): Opened {
  const { clear, read } = file;
  const { plaintextSize } = clear;
  async function* checked(): AsyncGenerator<Uint8Array> {
    try {
      checkSize(file);
      yield* openClearMedia(clear, read);
    } catch (error) {
      throw hasCode(error, 'DECRYPTION_FAILED') ? damaged() : error;
    }
  }
  return {
    verified: 'keyless tags',
    plaintextSize,
    plaintext: context.progress(checked(), 'checking', plaintextSize),
  };
}

/** Reads all of it and gives nothing out. Throws DECRYPTION_FAILED, or MANIFEST_INVALID for a wrong checksum. */
export async function verifyClear(context: Context, file: ClearMediaFile): Promise<VerifiedMedia> {
  const { plaintext, ...opened } = openClear(context, file);
  const sum = createChecksum();
  for await (const chunk of plaintext) sum.update(chunk);
  if (sum.digest() !== file.clear.checksum) throw wrongChecksum();
  return opened;
}

const damaged = (): AppError =>
  new AppError('DECRYPTION_FAILED', 'The media is not as it was stored', {
    fix: 'Restore the file from a copy: it was damaged, or is another one.',
  });
