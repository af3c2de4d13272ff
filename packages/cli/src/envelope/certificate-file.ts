import { resolve } from 'node:path';
import { type CertificateInfo, parseCertificate } from '@sealtrack/certificates/certificate';
import type { Context } from '../context.ts';
import { readSmallFile } from '../files.ts';
import { toCertificatePem } from '../key-files.ts';

const MAX_BYTES = 256 * 1024;

/**
 * One certificate file, PEM or DER; there may be a private key in it as well. Throws INVALID_ARGUMENT,
 * CERTIFICATE_INVALID, CERTIFICATE_WEAK.
 */
export async function readCertificateFile(context: Context, name: string): Promise<CertificateInfo> {
  const path = resolve(context.io.cwd, name);
  const file = await readSmallFile(path, MAX_BYTES);
  try {
    return parseCertificate(toCertificatePem(file, path));
  } finally {
    file.fill(0);
  }
}
