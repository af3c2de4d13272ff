import type { X509Certificate } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { certificateFields } from '@sealtrack/certificates/certificate-fields';
import { type DatabaseEntry, newEntry } from './ca-database.ts';
import { fileError, isMissing } from './file-errors.ts';
import type { Layout } from './layout.ts';
import { onelineName } from './oneline-name.ts';
import { readX509 } from './read-x509.ts';
import { serialOf } from './serial-numbers.ts';

const LEAF = /^((?:[0-9A-F]{2})+)\.pem$/;

/**
 * Certificates in the repository that this authority signed and ca.db does not know: OpenSSL writes a certificate before its
 * database, and may be killed between the two. What others issued, and was imported, is not among them.
 */
export async function findUnrecorded(
  layout: Layout,
  recorded: readonly DatabaseEntry[],
): Promise<DatabaseEntry[]> {
  const known = new Set(recorded.map(({ serial }) => serial));
  const unknown = (await leavesIn(layout)).filter(({ serial }) => !known.has(serial));
  if (unknown.length === 0) return [];
  const issuer = await readX509(layout.certificate);
  const found = await Promise.all(unknown.map(({ path }) => readX509(path)));
  return found.flatMap((certificate) =>
    certificate !== undefined && issuer !== undefined && isIssuedBy(certificate, issuer)
      ? [entryOf(certificate)]
      : [],
  );
}

const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

export const entryOf = (certificate: X509Certificate): DatabaseEntry =>
  newEntry(
    serialOf(certificate.serialNumber),
    certificate.validToDate,
    onelineName(certificateFields(certificate.raw).subject),
  );

/** `<serial>.pem` of everything in the repository, whoever issued it. */
async function leavesIn({ repository }: Layout): Promise<{ serial: string; path: string }[]> {
  const names = await readdir(repository).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw fileError(repository, error);
  });
  return names.flatMap((name) => {
    const serial = LEAF.exec(name)?.[1];
    return serial === undefined ? [] : [{ serial, path: join(repository, name) }];
  });
}
