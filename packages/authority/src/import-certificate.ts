import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { signsFor } from '@sealtrack/certificates/any-private-key';
import { orderChain } from '@sealtrack/certificates/certificate-chain';
import { certificateFields } from '@sealtrack/certificates/certificate-fields';
import { distinguishedName, subjectNameOf } from '@sealtrack/certificates/distinguished-name';
import type { Pkcs12Profile } from '@sealtrack/certificates/issue/write-pkcs12';
import { AppError } from '@sealtrack/errors/app-error';
import { makeFolder, readIfThere, syncFolder } from './durable-files.ts';
import { fileError } from './file-errors.ts';
import { heal, healRepository } from './heal.ts';
import type { Layout } from './layout.ts';
import { withLock } from './lock.ts';
import { namesOf } from './names-of.ts';
import { entriesOf, pathsOf, type RepositoryPaths } from './record.ts';
import { repositoryContents, wipeFiles } from './repository-contents.ts';
import { serialOf } from './serial-numbers.ts';
import { STAGED, stage, unstage } from './stage.ts';

export interface ImportOptions {
  /** DER of the certificate and of those above it, in any order. */
  readonly certificates: readonly Buffer[];
  readonly privateKey?: KeyObject | undefined;
  /** What the private key is encrypted with in the repository; nothing when it is empty. */
  readonly password: Uint8Array;
  readonly pfx?: Pkcs12Profile | undefined;
}

export interface Imported {
  readonly serial: string;
  readonly subject: string;
  readonly names: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly fingerprint: string;
  readonly issuer: string;
  readonly files: RepositoryPaths;
  /** Subjects of certificates that have no part in the chain, and were left out. */
  readonly leftOut: readonly string[];
  /** Whether the last certificate of the chain is a root. */
  readonly isWhole: boolean;
}

/**
 * Puts a certificate that another CA issued into the repository, in a folder that may have no authority of its own. Throws
 * CERTIFICATE_INVALID, PRIVATE_KEY_MISMATCH, OBJECT_EXISTS when there is one of that number, and as record() does.
 */
export async function importCertificate(
  layout: Layout,
  { certificates, privateKey, password, pfx }: ImportOptions,
): Promise<Imported> {
  const { chain, others } = orderChain(certificates, privateKey);
  const leaf = new X509Certificate(chain[0]);
  if (privateKey !== undefined && !signsFor(leaf.publicKey, privateKey)) throw mismatch();
  const serial = serialOf(leaf.serialNumber);
  // Before the keys of files are derived, which takes its time.
  await refuseExisting(layout, serial);
  const names = namesOf(leaf);
  const host = names[0]?.replace(/^\S+ /, '') ?? subjectNameOf(certificateFields(leaf.raw).subject);
  // Whoever checks it has the root.
  const sent = chain.filter((der, i) => i === 0 || !isRoot(der));
  const key = privateKey === undefined ? undefined : { key: privateKey, password, pfx };
  const files = await repositoryContents(sent, key, host);
  try {
    await makeFolder(layout.dir);
    await withLock(layout.lock, () => putThere(layout, { serial, host, files }));
  } finally {
    wipeFiles(files);
  }
  return {
    ...{ serial, names, subject: subjectOf(leaf.raw), files: pathsOf(layout, { serial, host, files }) },
    ...{ notBefore: leaf.validFromDate, notAfter: leaf.validToDate },
    fingerprint: createHash('sha256').update(leaf.raw).digest('hex'),
    issuer: leaf.issuer.split('\n').reverse().join(','),
    leftOut: others.map(subjectOf),
    isWhole: isRoot(chain.at(-1) ?? chain[0]),
  };
}

async function putThere(layout: Layout, imported: Parameters<typeof entriesOf>[0]): Promise<void> {
  const hasAuthority = (await readIfThere(layout.certificate)) !== undefined;
  if (hasAuthority) await heal(layout);
  else await healRepository(layout);
  const { serial } = imported;
  await refuseExisting(layout, serial);
  const staged = await stage(layout, STAGED.importing + serial, entriesOf(imported));
  const folder = join(layout.repository, STAGED.imported + serial);
  try {
    // From here on it exists, and is moved to its place by whoever comes next.
    await rename(staged.folder, folder);
    await syncFolder(layout.repository);
  } catch (error) {
    throw fileError(folder, error);
  }
  await unstage(layout, { folder });
}

async function refuseExisting({ repository }: Layout, serial: string): Promise<void> {
  if ((await readIfThere(join(repository, `${serial}.pem`))) === undefined) return;
  throw new AppError('OBJECT_EXISTS', `There is a certificate ${serial} in ${repository} already`, {
    fix: 'If it is another one, import this one into another folder.',
    details: { serial },
  });
}

const subjectOf = (der: Buffer): string => distinguishedName(certificateFields(der).subject);

function isRoot(der: Buffer): boolean {
  const certificate = new X509Certificate(der);
  return certificate.subject === certificate.issuer;
}

const mismatch = (): AppError =>
  new AppError('PRIVATE_KEY_MISMATCH', 'The private key does not belong to the certificate', {
    fix: 'Give the private key that the certificate was requested with.',
  });
