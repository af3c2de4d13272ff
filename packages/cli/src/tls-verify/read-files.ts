import { resolve } from 'node:path';
import { certificatesIn } from '@sealtrack/certificates/certificate-file';
import { DerError } from '@sealtrack/certificates/der';
import { contentsOf } from '@sealtrack/certificates/file-contents';
import { noCertificate } from '@sealtrack/certificates/wrong-file';
import { MAX_CRL_SIZE, parseCrl } from '@sealtrack/certificates/x509/crl';
import { parseX509, type X509 } from '@sealtrack/certificates/x509/parse-x509';
import { readBundle } from '@sealtrack/certificates/x509/pem-bundle';
import { AppError } from '@sealtrack/errors/app-error';
import { readSmallFile } from '../files.ts';
import type { Io } from '../io.ts';
import type { CrlFile } from './judge-crls.ts';

const MAX_FILE = 256 * 1024;
/** A bundle of every public CA has 200 kB. */
const MAX_BUNDLE = 2 * 1024 * 1024;

/** Every certificate of a file in PEM, DER or PKCS#7, in its order. Throws CERTIFICATE_INVALID, INVALID_ARGUMENT. */
export async function readCertificates(name: string, io: Pick<Io, 'cwd'>): Promise<X509[]> {
  const path = resolve(io.cwd, name);
  const file = await readSmallFile(path, MAX_FILE);
  try {
    const found = certificatesIn(file);
    if (found.length === 0) throw noCertificate(contentsOf(file)[0]?.kind ?? 'unknown');
    return found.map((der) => parsed(der, path));
  } finally {
    // There may be a private key beside them.
    file.fill(0);
  }
}

/** All of one or several bundles of CAs. Throws CERTIFICATE_INVALID, INVALID_ARGUMENT. */
export async function readTrusted(names: readonly string[], io: Pick<Io, 'cwd'>): Promise<X509[]> {
  const all: X509[] = [];
  for (const name of names) {
    const path = resolve(io.cwd, name);
    const file = await readSmallFile(path, MAX_BUNDLE);
    const found = bundled(file, path);
    if (found.length === 0) throw noCertificate(contentsOf(file)[0]?.kind ?? 'unknown');
    all.push(...found.map((der) => parsed(der, path)));
  }
  return all;
}

/** What is no list is one finding among others. Throws INVALID_ARGUMENT when a file cannot be read at all. */
export async function readCrls(names: readonly string[], io: Pick<Io, 'cwd'>): Promise<CrlFile[]> {
  const all: CrlFile[] = [];
  for (const name of names) {
    const file = await readSmallFile(resolve(io.cwd, name), 2 * MAX_CRL_SIZE);
    try {
      const found = readBundle(file, 'X509 CRL');
      if (found.length === 0) all.push({ file: name, crl: undefined, wrong: 'has none in it' });
      for (const der of found) all.push({ file: name, ...tryCrl(der) });
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      all.push({ file: name, crl: undefined, wrong: error.message });
    }
  }
  return all;
}

function tryCrl(der: Buffer): Omit<CrlFile, 'file'> {
  try {
    return { crl: parseCrl(der) };
  } catch (error) {
    if (error instanceof DerError) return { crl: undefined, wrong: error.message };
    throw error;
  }
}

function bundled(file: Buffer, path: string): Buffer[] {
  try {
    return readBundle(file, 'CERTIFICATE');
  } catch (error) {
    throw error instanceof DerError ? invalid(path, error) : error;
  }
}

function parsed(der: Buffer, path: string): X509 {
  try {
    return parseX509(der);
  } catch (error) {
    throw error instanceof DerError ? invalid(path, error) : error;
  }
}

const invalid = (path: string, cause: DerError): AppError =>
  new AppError('CERTIFICATE_INVALID', `A certificate in ${path} cannot be read: it ${cause.message}`, {
    fix: 'Copy the file again from where it was made: as it is, no peer can read it either.',
    details: { file: path },
    cause,
  });
