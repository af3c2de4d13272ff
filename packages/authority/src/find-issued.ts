import type { X509Certificate } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { AppError } from '@sealtrack/errors/app-error';
import type { DatabaseEntry } from './ca-database.ts';
import { fileError, isMissing } from './file-errors.ts';
import type { Layout } from './layout.ts';
import { readX509 } from './read-x509.ts';
import { serialOf } from './serial-numbers.ts';

/**
 * The line in ca.db that is meant: by the serial number in hex, as others print it too (with colons, in lower case), by the
 * beginning of it, or by a file of the certificate, relative to `cwd`. Throws CERTIFICATE_NOT_FOUND, INVALID_ARGUMENT
 * when several begin so.
 */
export async function findEntry(
  entries: readonly DatabaseEntry[],
  wanted: string,
  cwd: string,
): Promise<DatabaseEntry> {
  const fromFile = await serialInFile(wanted, cwd);
  const prefix = fromFile ?? wanted.replaceAll(':', '').replace(/^0x/i, '').toUpperCase();
  if (!/^[0-9A-F]+$/.test(prefix)) throw notFound(wanted);
  const whole = entries.find(({ serial }) => serial === serialOf(prefix));
  if (whole !== undefined) return whole;
  const found = fromFile === undefined ? entries.filter(({ serial }) => serial.startsWith(prefix)) : [];
  if (found.length > 1)
    throw new AppError('INVALID_ARGUMENT', `${found.length} certificates begin with ${prefix}`, {
      fix: 'Give more of the serial number.',
      details: { field: 'certificate' },
    });
  if (found[0] === undefined) throw notFound(wanted);
  return found[0];
}

async function serialInFile(path: string, cwd: string): Promise<string | undefined> {
  // A number is never taken for a file that happens to be called so.
  if (/^[0-9A-Fa-f:]+$/.test(path)) return undefined;
  const certificate = await readX509(resolve(cwd, path)).catch(() => undefined);
  return certificate === undefined ? undefined : serialOf(certificate.serialNumber);
}

const notFound = (wanted: string): AppError =>
  new AppError('CERTIFICATE_NOT_FOUND', `This authority has issued no certificate ${wanted}`, {
    fix: 'Give a serial number, its beginning, or the path of the certificate. Those there are: sealtrack tls list',
    details: { certificate: wanted },
  });

/**
 * The files of what lies in the repository, by serial number, be it issued here or imported: absolute paths, the certificate
 * alone (`<serial>.pem`) first.
 */
export async function readRepository({ repository }: Layout): Promise<Map<string, string[]>> {
  const names = await readdir(repository).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw fileError(repository, error);
  });
  const bySerial = new Map<string, string[]>();
  for (const name of names.toSorted(byLength)) {
    const serial = /^((?:[0-9A-F]{2})+)[._]/.exec(name)?.[1];
    if (serial === undefined) continue;
    bySerial.set(serial, [...(bySerial.get(serial) ?? []), join(repository, name)]);
  }
  return bySerial;
}

const byLength = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : 1);

/** A certificate as the repository has it. */
export interface InRepository {
  readonly certificate: X509Certificate;
  /** What its files are named after. */
  readonly host: string;
  /** Path of its private key, if that was made here. */
  readonly privateKey: string | undefined;
}

/** Throws CERTIFICATE_NOT_FOUND. */
export async function readInRepository(layout: Layout, serial: string): Promise<InRepository> {
  const files = (await readRepository(layout)).get(serial) ?? [];
  const certificate = files[0] === undefined ? undefined : await readX509(files[0]);
  if (certificate === undefined)
    throw new AppError('CERTIFICATE_NOT_FOUND', `${serial}.pem is not in ${layout.repository}`, {
      fix: 'Put a copy of it back, or create a new certificate: sealtrack tls create-cert',
      details: { serial },
    });
  const named = files.map(
    (path) => basename(path).match(/^[0-9A-F]+_(.*)_(?:cert|priv_key)\.(?:pem|pfx)$/)?.[1],
  );
  return {
    certificate,
    host: named.find((host) => host !== undefined) ?? 'certificate',
    privateKey: files.find((path) => path.endsWith('_priv_key.pem')),
  };
}
