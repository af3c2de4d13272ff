import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type PrivateKeyFile, readPrivateKeyFile } from '@sealtrack/certificates/private-key-file';
import { AppError } from '@sealtrack/errors/app-error';
import { ERROR, rounded, type Verdict } from '../verdict.ts';

/**
 * Opens each file with the password, as an import does: a PKCS#12, or any other file with a private key. All of them are to
 * open. Throws INVALID_ARGUMENT for one that is not there.
 */
export async function* runPfx(files: readonly string[], password = ''): AsyncGenerator<Verdict> {
  const all = await Promise.all(files.map(readWhole));
  for (const [index, file] of all.entries()) {
    const started = performance.now();
    const { got, reason } = await open(file, password);
    const ms = rounded(performance.now() - started);
    yield { id: basename(files[index] ?? ''), expected: 'valid', got, ms, reason };
  }
}

async function open(file: Buffer, password: string): Promise<Pick<Verdict, 'got' | 'reason'>> {
  try {
    const opened = await readPrivateKeyFile(file, Buffer.from(password), { allowWeak: true });
    return { got: 'valid', reason: describe(opened) };
  } catch (error) {
    if (error instanceof AppError) return { got: 'invalid', reason: `${error.code}: ${error.message}` };
    return { got: ERROR, reason: String(error) };
  }
}

function describe({ privateKey, leaf, chain }: PrivateKeyFile): string {
  const bits = privateKey.asymmetricKeyDetails?.modulusLength;
  const whose = leaf === undefined ? 'without its certificate' : `of ${leaf.subject}`;
  const others = chain.length === 1 ? '1 other certificate' : `${chain.length} other certificates`;
  return `an RSA key of ${bits} bits ${whose}, and ${others}`;
}

const readWhole = (path: string): Promise<Buffer> =>
  readFile(path).catch((cause) => {
    throw new AppError('INVALID_ARGUMENT', `${path} cannot be read`, {
      fix: 'Give the paths of PKCS#12 files, and their password with --password.',
      cause,
    });
  });
