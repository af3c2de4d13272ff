import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { X509 } from '@sealtrack/certificates/x509/parse-x509';
import { AppError } from '@sealtrack/errors/app-error';
import { type Finding, ok, problem, warning } from '../doctor/finding.ts';
import { readSmallFile } from '../files.ts';
import type { Io } from '../io.ts';
import { type PasswordOptions, withPassword } from '../password.ts';

const MAX_KEY_FILE = 64 * 1024;

export interface KeyFile {
  readonly path: string;
  readonly key: KeyObject;
  /** Others than its owner may read it. */
  readonly isOpen: boolean;
}

type KeyIo = Parameters<typeof withPassword>[1];

/**
 * A private key as a service reads it: PEM, encrypted or not. Throws PRIVATE_KEY_INVALID, PRIVATE_KEY_PASSWORD_MISSING,
 * PRIVATE_KEY_PASSWORD_WRONG, INVALID_ARGUMENT.
 */
export async function readKey(
  name: string,
  options: PasswordOptions,
  io: KeyIo & Pick<Io, 'cwd'>,
): Promise<KeyFile> {
  const path = resolve(io.cwd, name);
  const file = await readSmallFile(path, MAX_KEY_FILE);
  try {
    const key = await withPassword(options, io, path, (password) => open(path, file, password));
    const { mode } = await stat(path);
    return { path, key, isOpen: process.platform !== 'win32' && (mode & 0o077) !== 0 };
  } finally {
    file.fill(0);
  }
}

function open(path: string, file: Buffer, password: Buffer): KeyObject {
  try {
    return createPrivateKey({
      key: file,
      format: 'pem',
      ...(password.length > 0 && { passphrase: password }),
    });
  } catch (cause) {
    // What OpenSSL says of a password differs with the form of the key; every form says that it is encrypted.
    const isEncrypted = file.includes('ENCRYPTED');
    if (isEncrypted && password.length === 0)
      throw new AppError('PRIVATE_KEY_PASSWORD_MISSING', `The private key in ${path} is encrypted`, {
        fix: 'Give its password.',
        cause,
      });
    if (isEncrypted)
      throw new AppError('PRIVATE_KEY_PASSWORD_WRONG', `The password does not open ${path}`, {
        fix: 'Give the password that the key was encrypted with.',
        cause,
      });
    throw new AppError(
      'PRIVATE_KEY_INVALID',
      `${path} holds no private key in PEM that a service could read`,
      {
        fix: 'Give the key that belongs to the certificate. From other forms: sealtrack tls convert-key.',
        details: { file: path },
        cause,
      },
    );
  }
}

export function judgeKey({ path, key, isOpen }: KeyFile, leaf: X509): Finding[] {
  const own = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const matches = own.equals(leaf.key.der)
    ? ok('key', `${path} is the key of the certificate`)
    : problem(
        'key',
        `${path} is the key of another certificate`,
        'Give the key that was made with this certificate.',
      );
  if (!isOpen) return [matches];
  return [matches, warning('key', `${path} can be read by others than its owner`, `chmod 600 ${path}`)];
}
