import { createPrivateKey, type KeyObject } from 'node:crypto';
import { type CertificateInfo, parseCertificate } from '@sealtrack/certificates/certificate';
import { checkKeyMatches } from '@sealtrack/certificates/private-key';
import { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import { isTenantId, type TenantId } from '@sealtrack/ids/ids';
import type { ArchivePart, OpenArchive } from '@sealtrack/sealed-store/archive-reader';
import { type BackupFindings, createBackupFindings } from './domain/backup-report.ts';
import { describeForWire } from './domain/describe-for-wire.ts';

export type ArchivedPart = Extract<ArchivePart, { kind: 'certificate' }>;

/** A certificate of an archive, and its private key, which opens what is encrypted to it. */
export interface WholeCertificate {
  readonly tenantId: TenantId;
  readonly certificate: Certificate;
  readonly info: CertificateInfo;
  readonly key: KeyObject;
}

export interface CheckedBackup extends BackupFindings {
  /** Certificates that are there, and not whole. */
  readonly brokenLines: ReadonlySet<number>;
}

/** Reads an archive to its end and proves each private key. Damage is what it finds, and no error. */
export async function checkBackup(archive: OpenArchive, signal: AbortSignal): Promise<CheckedBackup> {
  const findings = createBackupFindings(archive);
  const brokenLines = new Set<number>();
  for await (const part of archive.parts()) {
    signal.throwIfAborted();
    if (part.kind === 'damage') {
      findings.damaged(part.line, part.name, part.problem);
      continue;
    }
    const found = await openCertificate(archive, part);
    if (typeof found === 'string') {
      findings.damaged(part.line, part.name, found);
      brokenLines.add(part.line);
    } else findings.whole(found.tenantId, found.info.keyId);
  }
  return { ...findings, brokenLines };
}

/** @returns what is wrong with it, as the rest of a sentence that begins with its name. */
export async function openCertificate(
  archive: Pick<OpenArchive, 'unsealKey'>,
  { name, certificate: json, sealedKey }: ArchivedPart,
): Promise<WholeCertificate | string> {
  const found = read(json);
  if (found === undefined) return 'cannot be read';
  const { certificate, info } = found;
  const { tenantId, certificateId } = certificate;
  const isItself = info.certificateId === certificateId && info.keyId === certificate.keyId;
  if (
    !isItself ||
    tenantId !== name.tenantId ||
    certificateId !== name.certificateId ||
    !isTenantId(tenantId)
  )
    return 'is not the one that it says';
  if (sealedKey === undefined) return 'had no private key when the backup was made';
  const key = await openKey(archive, sealedKey, { tenant: tenantId, keyId: info.keyId });
  if (key === undefined) return 'has a private key that the keys in this backup do not open';
  if (!isKeyOf(info, key)) return 'has a private key that does not belong to it';
  // What people read of it is what it says itself: a copy in the backup folder may say anything.
  return { tenantId, certificate: { ...certificate, ...describeForWire(info) }, info, key };
}

function read(json: unknown): Pick<WholeCertificate, 'certificate' | 'info'> | undefined {
  try {
    const certificate = Certificate.fromJSON(json);
    // Times and numbers that are none show when they are written.
    Certificate.toJSON(certificate);
    return { certificate, info: parseCertificate(certificate.der, { allowWeak: true }) };
  } catch {
    return undefined;
  }
}

async function openKey(
  archive: Pick<OpenArchive, 'unsealKey'>,
  sealedKey: string,
  whose: Parameters<OpenArchive['unsealKey']>[1],
): Promise<KeyObject | undefined> {
  let secret: Buffer;
  try {
    secret = await archive.unsealKey(sealedKey, whose);
  } catch (error) {
    if (hasCode(error, 'SEAL_BROKEN')) return undefined;
    throw error;
  }
  try {
    return createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' });
  } catch {
    return undefined;
  } finally {
    secret.fill(0);
  }
}

export function isKeyOf(info: CertificateInfo, key: KeyObject): boolean {
  try {
    checkKeyMatches(info, key);
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}
