import { resolve } from 'node:path';
import type { CertificateInfo, StrengthOptions } from '@sealtrack/certificates/certificate';
import { readCertificateFile as readCertificates } from '@sealtrack/certificates/certificate-file';
import { AppError } from '@sealtrack/errors/app-error';
import type { Context } from '../context.ts';
import { readSmallFile } from '../files.ts';

const MAX_BYTES = 256 * 1024;

/**
 * The certificate in a file, PEM, DER or PKCS#7; there may be its chain and a private key in it as well. Throws
 * INVALID_ARGUMENT, CERTIFICATE_INVALID, CERTIFICATE_WEAK.
 */
export async function readCertificateFile(
  context: Context,
  name: string,
  options: StrengthOptions = {},
): Promise<CertificateInfo> {
  const file = await readSmallFile(resolve(context.io.cwd, name), MAX_BYTES);
  try {
    return readCertificates(file, options).leaf;
  } catch (error) {
    throw error instanceof AppError ? inFile(name, error) : error;
  } finally {
    file.fill(0);
  }
}

/** There may be several files, of which one is wrong. */
const inFile = (name: string, { code, message, fix, details, cause }: AppError): AppError =>
  new AppError(code, `${name}: ${message}`, { fix, details, cause });
