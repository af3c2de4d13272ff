import type { KeyObject } from 'node:crypto';
import { resolve } from 'node:path';
import { readAnyPrivateKey } from '@sealtrack/certificates/any-private-key';
import { readCertificates } from '@sealtrack/certificates/certificate-chain';
import { contentsOf } from '@sealtrack/certificates/file-contents';
import { KEYS } from '@sealtrack/certificates/open-key-content';
import { hasCode } from '@sealtrack/errors/app-error';
import type { Context } from '../context.ts';
import { readSmallFile } from '../files.ts';
import { type PasswordOptions, withPassword } from '../password.ts';
import { MAX_BYTES } from './private-key-input.ts';

export interface CertificateInput {
  /** DER. */
  readonly certificates: readonly Buffer[];
  readonly privateKey: KeyObject | undefined;
}

/**
 * Everything in a file: certificates, and a private key if there is one; a person is asked for a password when it needs one.
 * Throws INVALID_ARGUMENT, CERTIFICATE_INVALID, the PRIVATE_KEY_ errors.
 */
export async function readCertificateInput(
  { io }: Context,
  name: string,
  options: PasswordOptions,
): Promise<CertificateInput> {
  const path = resolve(io.cwd, name);
  const file = await readSmallFile(path, MAX_BYTES);
  try {
    if (!holdsKey(file)) return { certificates: await readCertificates(file), privateKey: undefined };
    return await withPassword(options, io, path, (password) => readBoth(file, password));
  } finally {
    file.fill(0);
  }
}

async function readBoth(file: Buffer, password: Buffer): Promise<CertificateInput> {
  try {
    return await readAnyPrivateKey(file, password);
  } catch (error) {
    // Some key stores hold certificates only.
    const without = hasCode(error, 'PRIVATE_KEY_INVALID')
      ? await readCertificates(file, password).catch(() => undefined)
      : undefined;
    if (without === undefined) throw error;
    return { certificates: without, privateKey: undefined };
  }
}

function holdsKey(file: Buffer): boolean {
  const contents = contentsOf(file);
  for (const { content } of contents) content.fill(0);
  return contents.some(({ kind }) => KEYS.has(kind));
}
