import { createPublicKey, type KeyObject } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type CertificateInfo, keyIdOf, parseCertificate } from '@sealtrack/certificates/certificate';
import { certificatesIn } from '@sealtrack/certificates/certificate-file';
import { readSmallFile, sizeOfFile } from '../files.ts';

/** A certificate of the private key, and where it was. */
export interface FoundCertificate {
  readonly certificate: CertificateInfo;
  readonly path: string;
}

const EXTENSIONS = /\.(pem|crt|cer|der)$/i;
const MAX_FILES = 500;
const MAX_FILE_BYTES = 64 * 1024;

/** Those of the certificates, in DER, that are of this key. */
export function certificatesOf(
  privateKey: KeyObject,
  certificates: readonly Buffer[],
  path: string,
): FoundCertificate[] {
  const keyId = keyIdOf(createPublicKey(privateKey));
  return certificates
    .flatMap(tryParse)
    .filter((certificate) => certificate.keyId === keyId)
    .map((certificate) => ({ certificate, path }));
}

/**
 * The certificates of this key among the first 500 certificate files, of at most 64 KiB each, of these folders. What
 * cannot be read is passed over: this only spares people an option.
 */
export async function findCertificates(
  folders: readonly string[],
  privateKey: KeyObject,
): Promise<FoundCertificate[]> {
  const files = (await Promise.all([...new Set(folders)].map(certificateFiles))).flat().slice(0, MAX_FILES);
  const found: FoundCertificate[] = [];
  for (const path of files) {
    const file = await tryRead(path);
    found.push(...certificatesOf(privateKey, tryCertificatesIn(file), path));
    // There may be a private key in it as well.
    file.fill(0);
  }
  return found;
}

async function certificateFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder).catch(() => []);
  return entries
    .filter((name) => EXTENSIONS.test(name))
    .sort()
    .map((name) => join(folder, name));
}

async function tryRead(path: string): Promise<Buffer> {
  try {
    await sizeOfFile(path);
    return await readSmallFile(path, MAX_FILE_BYTES);
  } catch {
    return Buffer.alloc(0);
  }
}

function tryCertificatesIn(file: Buffer): Buffer[] {
  try {
    return certificatesIn(file);
  } catch {
    return [];
  }
}

function tryParse(der: Buffer): CertificateInfo[] {
  try {
    return [parseCertificate(der, { allowWeak: true })];
  } catch {
    return [];
  }
}
