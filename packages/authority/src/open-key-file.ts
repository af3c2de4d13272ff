import { createPrivateKey, type KeyObject } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import { readIfThere } from './durable-files.ts';
import { damaged } from './file-errors.ts';

/**
 * A private key in PEM as this package or OpenSSL has written it, RSA or EC; an empty password is none. Throws
 * PRIVATE_KEY_PASSWORD_MISSING, PRIVATE_KEY_PASSWORD_WRONG, CONFIG_INVALID when it is not there or no key.
 */
export async function openKeyFile(path: string, password: Uint8Array): Promise<KeyObject> {
  const file = await readIfThere(path);
  if (file === undefined) throw damaged(path, 'is not there');
  try {
    const isEncrypted = file.includes('ENCRYPTED');
    if (!isEncrypted) return parseKey(file, undefined, path);
    if (password.length > 0) return parseKey(file, Buffer.from(password), path);
    throw new AppError('PRIVATE_KEY_PASSWORD_MISSING', `The private key in ${path} is encrypted`, {
      fix: 'Give its password too.',
    });
  } finally {
    file.fill(0);
  }
}

function parseKey(file: Buffer, passphrase: Buffer | undefined, path: string): KeyObject {
  const key = { key: file, format: 'pem' } as const;
  try {
    return createPrivateKey(passphrase === undefined ? key : { ...key, passphrase });
  } catch (cause) {
    if (passphrase === undefined) throw damaged(path, 'holds no private key that can be read', cause);
    throw new AppError('PRIVATE_KEY_PASSWORD_WRONG', `The password does not open ${path}`, {
      fix: 'Check the password, and that the file is whole.',
      cause,
    });
  } finally {
    passphrase?.fill(0);
  }
}
