import type { KeyObject } from 'node:crypto';
import { readAnyPrivateKey } from '@sealtrack/certificates/any-private-key';
import { hasCode } from '@sealtrack/errors/app-error';
import { readIfThere } from './durable-files.ts';
import { damaged } from './file-errors.ts';

/**
 * A private key of the folder, RSA or EC, as this package or OpenSSL has written it; an empty password is none. Throws
 * PRIVATE_KEY_PASSWORD_MISSING, PRIVATE_KEY_PASSWORD_WRONG, CONFIG_INVALID when it is not there or no key.
 */
export async function openKeyFile(path: string, password: Uint8Array): Promise<KeyObject> {
  const file = await readIfThere(path);
  if (file === undefined) throw damaged(path, 'is not there');
  try {
    const { privateKey } = await readAnyPrivateKey(file, password);
    return privateKey;
  } catch (error) {
    if (hasCode(error, 'PRIVATE_KEY_INVALID'))
      throw damaged(path, 'holds no private key that can be read', error);
    throw error;
  } finally {
    file.fill(0);
  }
}
