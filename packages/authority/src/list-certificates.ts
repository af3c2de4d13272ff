import type { X509Certificate } from 'node:crypto';
import { certificateFields } from '@sealtrack/certificates/certificate-fields';
import { distinguishedName } from '@sealtrack/certificates/distinguished-name';
import { type DatabaseEntry, expiryOf, revocationOf } from './ca-database.ts';
import { readIfThere } from './durable-files.ts';
import { readRepository } from './find-issued.ts';
import { heal, healRepository } from './heal.ts';
import type { Layout } from './layout.ts';
import { withLock } from './lock.ts';
import { namesOf } from './names-of.ts';
import { readX509 } from './read-x509.ts';

export interface ListedCertificate {
  /** Upper-case hex. */
  readonly serial: string;
  readonly subject: string;
  /** What it is for, such as `DNS example.com`; empty when its file is not there. */
  readonly names: readonly string[];
  readonly notAfter: Date;
  readonly state: 'valid' | 'expired' | 'revoked';
  readonly revokedAt: Date | undefined;
  readonly reason: string | undefined;
  /** Of another CA, and imported. */
  readonly isImported: boolean;
  readonly files: readonly string[];
}

/**
 * Everything an authority issued and everything that was imported into its repository, which may be all there is; what ends
 * first comes first. Throws as record() does.
 */
export const listCertificates = (layout: Layout, now: Date): Promise<ListedCertificate[]> =>
  withLock(layout.lock, async () => {
    const hasAuthority = (await readIfThere(layout.certificate)) !== undefined;
    const entries = hasAuthority ? await heal(layout) : [];
    if (!hasAuthority) await healRepository(layout);
    const files = await readRepository(layout);
    const known = new Set(entries.map(({ serial }) => serial));
    const listed: ListedCertificate[] = [];
    for (const entry of entries) listed.push(await describeIssued(entry, files.get(entry.serial) ?? [], now));
    for (const [serial, paths] of files)
      if (!known.has(serial)) listed.push(...(await describeImported(serial, paths, now)));
    return listed.toSorted((a, b) => a.notAfter.getTime() - b.notAfter.getTime());
  });

async function describeIssued(
  entry: DatabaseEntry,
  files: readonly string[],
  now: Date,
): Promise<ListedCertificate> {
  const certificate = await readFirst(files);
  const [revocation, notAfter] = [revocationOf(entry), expiryOf(entry)];
  const ended = now > notAfter ? 'expired' : 'valid';
  return {
    serial: entry.serial,
    subject: certificate === undefined ? entry.subject : subjectOf(certificate),
    names: certificate === undefined ? [] : namesOf(certificate),
    notAfter,
    state: revocation === undefined ? ended : 'revoked',
    revokedAt: revocation?.at,
    reason: revocation?.reason,
    isImported: false,
    files,
  };
}

async function describeImported(
  serial: string,
  files: readonly string[],
  now: Date,
): Promise<ListedCertificate[]> {
  const certificate = await readFirst(files);
  if (certificate === undefined) return [];
  const notAfter = certificate.validToDate;
  return [
    {
      ...{ serial, subject: subjectOf(certificate), names: namesOf(certificate), notAfter, files },
      state: now > notAfter ? 'expired' : 'valid',
      ...{ revokedAt: undefined, reason: undefined, isImported: true },
    },
  ];
}

const readFirst = ([path]: readonly string[]): Promise<X509Certificate | undefined> =>
  path === undefined ? Promise.resolve(undefined) : readX509(path);

const subjectOf = (certificate: X509Certificate): string =>
  distinguishedName(certificateFields(certificate.raw).subject);
