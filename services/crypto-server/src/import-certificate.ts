import { type CertificateInfo, parseCertificate } from '@sealtrack/certificates/certificate';
import { certificateWarnings } from '@sealtrack/certificates/describe-certificate';
import { checkKeyMatches } from '@sealtrack/certificates/private-key';
import { readPrivateKeyFile } from '@sealtrack/certificates/private-key-file';
import type {
  Certificate,
  ImportCertificateRequest,
  ImportCertificateResponse,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import { parseLine } from '@sealtrack/ids/line';
import { parseTenantId } from '@sealtrack/ids/parse';
import type { Announcer, Certificates, Clock, PrivateKeys } from './ports.ts';

const MAX_ALIAS = 128;

export interface ImportCertificateDeps {
  readonly certificates: Certificates;
  readonly privateKeys: PrivateKeys;
  readonly announcer: Announcer;
  readonly clock: Clock;
}

/**
 * CertificateService.ImportCertificate. The key is stored before the certificate, so that no certificate is ever
 * offered for use whose recordings nobody could open; a crash in between is healed by importing again.
 */
export function createImportCertificate({
  certificates,
  privateKeys,
  announcer,
  clock,
}: ImportCertificateDeps) {
  return async (request: ImportCertificateRequest): Promise<ImportCertificateResponse> => {
    try {
      const tenantId = parseTenantId(request.tenantId);
      const alias = parseLine('alias', request.alias, { min: 0, max: MAX_ALIAS });
      const info = parseCertificate(request.certificate);
      const { privateKey: key } = await readPrivateKeyFile(request.privateKey, request.password);
      checkKeyMatches(info, key);
      await privateKeys.add(tenantId, info.keyId, info.certificateId, key);
      const stored = await privateKeys.get(tenantId, info.keyId);
      if (stored === undefined) throw lost();
      checkKeyMatches(info, stored);
      const now = clock();
      const certificate = await certificates.add({
        ...describe(info),
        tenantId,
        alias: alias || info.subject.slice(0, MAX_ALIAS),
        hasPrivateKey: true,
        importedAt: now,
      });
      await announcer.certificateImported(certificate);
      return { certificate, warnings: certificateWarnings(info, now) };
    } finally {
      request.privateKey.fill(0);
      request.password.fill(0);
    }
  };
}

const lost = () =>
  new AppError('SEAL_BROKEN', 'The sealed key could not be read back after it was stored', {
    fix: 'Check Redis (sealtrack doctor), then import the certificate again.',
  });

const describe = (
  info: CertificateInfo,
): Omit<Certificate, 'tenantId' | 'alias' | 'hasPrivateKey' | 'importedAt'> => ({
  certificateId: info.certificateId,
  keyId: info.keyId,
  subject: info.subject,
  issuer: info.issuer,
  serialNumber: info.serialNumber,
  notBefore: info.notBefore,
  notAfter: info.notAfter,
  keyBits: info.keyBits,
  der: info.der,
});
