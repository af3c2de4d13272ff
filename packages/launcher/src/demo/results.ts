import { existsSync } from 'node:fs';
import { access, constants, mkdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { AppError } from '@sealtrack/errors/app-error';

/** The files that the demo leaves behind. */
export interface Results {
  readonly folder: string;
  readonly original: string;
  readonly decrypted: string;
  readonly pkcs7: string;
  readonly key: string;
  readonly certificate: string;
  readonly manifest: string;
  readonly events: string;
}

export const PKCS7_NAME = 'recording.p7m';
export const KEY_NAME = 'tenant.key';

/**
 * Makes the folder, and refuses one in which a result would replace something. Throws OBJECT_EXISTS, or
 * INVALID_ARGUMENT when there can be no such folder.
 */
export async function prepareResults(folder: string, file: string | undefined): Promise<Results> {
  const extension = file === undefined ? '.wav' : extname(file) || '.bin';
  const at = (name: string): string => join(folder, name);
  const results = {
    original: at(`original${extension}`),
    decrypted: at(`decrypted${extension}`),
    pkcs7: at(PKCS7_NAME),
    key: at(KEY_NAME),
    certificate: at('tenant.pem'),
    manifest: at('manifest.json'),
    events: at('events.ndjson'),
  };
  await makeWritable(folder);
  for (const path of Object.values(results))
    if (existsSync(path))
      throw new AppError('OBJECT_EXISTS', `${path} is already there`, {
        fix: 'Give another folder with --out, or none for a new one.',
      });
  return { folder, ...results };
}

async function makeWritable(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new AppError('INVALID_ARGUMENT', `The results cannot be written to ${folder} (${code})`, {
      fix: 'Give a folder in --out that you may make or write to.',
      cause,
    });
  }
}
