import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import type { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type {
  EnsureHoldingKeyRequest,
  EnsureHoldingKeyResponse,
} from '@sealtrack/contracts/gen/sealtrack/holding/v1/holding';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import { parseTenantId } from '@sealtrack/ids/parse';
import type { Log } from '@sealtrack/service-kit/logger';
import type { CallerContext } from './caller-context.ts';
import { NO_TRUST } from './domain/certificate-trust.ts';
import { isDeleted } from './domain/deletion.ts';
import { describeForWire } from './domain/describe-for-wire.ts';
import { HOLDING_NAME, holdingCertificates } from './holding-certificates.ts';
import type {
  BackupFolder,
  Certificates,
  Clock,
  HoldingKeys,
  JudgeCertificate,
  PrivateKeys,
} from './ports.ts';
import { storeCertificate } from './store-certificate.ts';

const BITS = 3072;
/** It has no end (RFC 5280, 4.1.2.5): a recording must never be refused because what it waits under has expired. */
const NO_END = new Date('9999-12-31T23:59:59Z');
const MAX_ATTEMPTS = 3;

export interface EnsureHoldingKeyDeps {
  readonly holdingKeys: HoldingKeys;
  readonly certificates: Certificates;
  readonly privateKeys: Pick<PrivateKeys, 'add' | 'get' | 'getSealed'>;
  readonly backup: BackupFolder;
  readonly judge: JudgeCertificate;
  readonly clock: Clock;
  readonly log: Log;
  /** Runs one after the other: making a key takes a second of a thread. */
  readonly exclusive: <T>(work: () => Promise<T>) => Promise<T>;
}

/**
 * HoldingService.EnsureHoldingKey. A key is stored whole before it is claimed as the tenant's, and handed out only then:
 * of two that are made at the same time, the one that was claimed later sealed nothing, and is taken away again. One that a
 * crash left without a claim, or that came out of a backup without one, is claimed by the next who asks.
 */
export function createEnsureHoldingKey(deps: EnsureHoldingKeyDeps) {
  const { holdingKeys, certificates, judge, log, exclusive } = deps;

  async function ensure(tenantId: TenantId): Promise<Certificate> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const before = await holdingKeys.current(tenantId);
      const known = await findUsable(certificates, tenantId, before);
      // Also what is there is confirmed to be whole and durable: whoever made it may have been told that it is not.
      const stored = await storeCertificate(deps, known ?? (await make(deps, tenantId)), known);
      const id = stored.certificateId as CertificateId;
      if ((await holdingKeys.claim(tenantId, before, id)) === id) {
        if (known === undefined) log.info({ tenantId, certificateId: id }, 'a holding key was made');
        return stored;
      }
      if (known === undefined) await takeAway(deps, stored);
    }
    throw busy(tenantId);
  }

  return async (
    request: EnsureHoldingKeyRequest,
    caller?: Pick<CallerContext, 'signal'>,
  ): Promise<EnsureHoldingKeyResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const certificate = await exclusive(async () => {
      caller?.signal.throwIfAborted();
      return await ensure(tenantId);
    });
    return { certificate: { ...certificate, ...judge(certificate), hasPrivateKey: true } };
  };
}

/** The one that is claimed; where none is, one that could be. */
async function findUsable(
  certificates: Pick<Certificates, 'get' | 'page'>,
  tenantId: TenantId,
  claimed: string | undefined,
): Promise<Certificate | undefined> {
  if (claimed === undefined) return (await holdingCertificates(certificates, tenantId, 'none')).at(0);
  const certificate = await certificates.get(tenantId, claimed as CertificateId);
  return certificate?.holding === true && !isDeleted(certificate) ? certificate : undefined;
}

/** With its private key sealed already, as storeCertificate wants it. */
async function make({ privateKeys, clock }: EnsureHoldingKeyDeps, tenantId: TenantId): Promise<Certificate> {
  const now = clock();
  const made = await createSelfSigned({
    ...{ commonName: HOLDING_NAME, organization: tenantId, bits: BITS, notBefore: now, notAfter: NO_END },
  });
  made.privateKeyPem.fill(0);
  const info = parseCertificate(made.certificateDer);
  await privateKeys.add(tenantId, info.keyId, info.certificateId, made.privateKey);
  return {
    ...describeForWire(info),
    ...NO_TRUST,
    ...{ tenantId, alias: 'holding key', decryptOnly: false, holding: true },
    ...{ hasPrivateKey: true, importedAt: now, deletion: undefined },
  };
}

/** Nobody was ever given it. */
async function takeAway({ certificates, backup, log }: EnsureHoldingKeyDeps, certificate: Certificate) {
  const { tenantId, certificateId } = certificate;
  try {
    await certificates.remove(certificate);
    await backup.forget(tenantId as TenantId, certificateId as CertificateId);
  } catch (err) {
    log.warn({ err, tenantId, certificateId }, 'a holding key that nothing was sealed to stays behind');
  }
}

const busy = (tenantId: TenantId) =>
  new AppError('CERTIFICATE_CONFLICT', `Others are changing the holding key of tenant ${tenantId}`, {
    fix: 'Ask again.',
    details: { tenant_id: tenantId },
  });
