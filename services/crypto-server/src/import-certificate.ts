import { readCertificateFile } from '@sealtrack/certificates/certificate-file';
import { certificateWarnings } from '@sealtrack/certificates/certificate-warnings';
import { checkKeyMatches } from '@sealtrack/certificates/private-key';
import { readPrivateKeyFile } from '@sealtrack/certificates/private-key-file';
import type {
  Certificate,
  ImportCertificateRequest,
  ImportCertificateResponse,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import type { KeyId, TenantId } from '@sealtrack/ids/ids';
import { parseLine } from '@sealtrack/ids/line';
import { parseTenantId } from '@sealtrack/ids/parse';
import type { CallerContext } from './caller-context.ts';
import { type CertificateTrust, NO_TRUST } from './domain/certificate-trust.ts';
import { certificateDeleted, isDeleted } from './domain/deletion.ts';
import { describeForWire } from './domain/describe-for-wire.ts';
import type { Announcer, BackupFolder, Certificates, Clock, PrivateKeys } from './ports.ts';

const MAX_ALIAS = 128;
/** What is too weak to encrypt to may still open what it was once used for. */
const OLD_ONES_TOO = { allowWeak: true };

export interface ImportCertificateDeps {
  readonly certificates: Pick<Certificates, 'add' | 'get' | 'replace'>;
  readonly privateKeys: Pick<PrivateKeys, 'add' | 'get' | 'getSealed'>;
  readonly backup: Pick<BackupFolder, 'keep'>;
  readonly trust: CertificateTrust;
  readonly announcer: Pick<Announcer, 'certificateImported'>;
  readonly clock: Clock;
  /**
   * Runs one after the other: a key file may ask for seconds of work, 256 MiB, and one of the few threads that recordings
   * are read with.
   */
  readonly exclusive: <T>(work: () => Promise<T>) => Promise<T>;
}

/** CertificateService.ImportCertificate. */
export function createImportCertificate(deps: ImportCertificateDeps) {
  return async (
    request: ImportCertificateRequest,
    caller?: Pick<CallerContext, 'signal'>,
  ): Promise<ImportCertificateResponse> => {
    try {
      const tenantId = parseTenantId(request.tenantId);
      const alias = parseLine('alias', request.alias, { min: 0, max: MAX_ALIAS });
      const { leaf, others, privateKey } = await deps.exclusive(async () => {
        caller?.signal.throwIfAborted();
        return await read(request);
      });
      const now = deps.clock();
      const decryptOnly = request.decryptOnly || leaf.weaknesses.length > 0;
      const wanted: Certificate = {
        ...describeForWire(leaf),
        ...(decryptOnly ? NO_TRUST : deps.trust.establish(leaf, others, now)),
        ...{ tenantId, decryptOnly, alias: alias || leaf.subject.slice(0, MAX_ALIAS) },
        ...{ hasPrivateKey: true, importedAt: now, deletion: undefined, holding: false },
      };
      const held = privateKey ?? (await deps.privateKeys.get(tenantId, leaf.keyId));
      if (held !== undefined) checkKeyMatches(leaf, held);
      else if (!request.dryRun) throw keyMissing();
      const known = await deps.certificates.get(tenantId, leaf.certificateId);
      if (known !== undefined && isDeleted(known)) throw certificateDeleted(known);
      const warnings = [
        ...certificateWarnings(leaf, now),
        ...(request.decryptOnly ? [DECRYPT_ONLY] : []),
        ...(held === undefined ? ['The private key was not given, and so not checked.'] : []),
      ];
      const judged = (certificate: Certificate) => ({
        ...certificate,
        ...deps.trust.judge(certificate, now),
      });
      if (request.dryRun)
        return {
          certificate: judged({ ...wanted, hasPrivateKey: held !== undefined }),
          warnings,
          stored: false,
        };
      if (privateKey !== undefined)
        await deps.privateKeys.add(tenantId, leaf.keyId, leaf.certificateId, privateKey);
      const certificate = await store(deps, wanted, known);
      await deps.announcer.certificateImported(certificate);
      return { certificate: judged(certificate), warnings, stored: true };
    } finally {
      request.privateKey.fill(0);
      request.password.fill(0);
    }
  };
}

const DECRYPT_ONLY = 'It opens old recordings, and encrypts no new ones.';

/** The certificate, what came with it, and its private key if one was given, from whichever file they are in. */
async function read(request: ImportCertificateRequest) {
  const keyFile =
    request.privateKey.length > 0
      ? await readPrivateKeyFile(request.privateKey, request.password, OLD_ONES_TOO)
      : undefined;
  const privateKey = keyFile?.privateKey;
  if (request.certificate.length === 0) {
    if (keyFile?.leaf === undefined) throw certificateMissing();
    return { leaf: keyFile.leaf, others: keyFile.chain, privateKey };
  }
  const named = privateKey === undefined ? {} : { privateKey };
  const { leaf, chain } = readCertificateFile(request.certificate, { ...OLD_ONES_TOO, ...named });
  return { leaf, others: [...chain, ...(keyFile?.chain ?? [])], privateKey };
}

/**
 * The key is stored before this, so that no certificate is ever offered for use whose recordings nobody could open; and
 * the copy before the certificate, so that none is that has no copy. A crash in between is healed by importing again.
 */
async function store(
  { certificates, privateKeys, backup }: ImportCertificateDeps,
  wanted: Certificate,
  known: Certificate | undefined,
): Promise<Certificate> {
  const [tenantId, keyId] = [wanted.tenantId as TenantId, wanted.keyId as KeyId];
  const sealed = await privateKeys.getSealed(tenantId, keyId);
  const opened = await privateKeys.get(tenantId, keyId);
  if (sealed === undefined || opened === undefined) throw lost();
  const { leaf } = readCertificateFile(wanted.der, OLD_ONES_TOO);
  checkKeyMatches(leaf, opened);
  if (known === undefined) {
    await backup.keep(wanted, sealed);
    const stored = await certificates.add(wanted);
    // Somebody else's import of the same came first, under another alias.
    if (stored.importedAt?.getTime() !== wanted.importedAt?.getTime()) await backup.keep(stored, sealed);
    return stored;
  }
  const after = withBetterTrust(known, wanted);
  await backup.keep(after, sealed);
  // Also what stays as it is is confirmed to be durable: the import before may have been told that it is not.
  if (after === known) return await certificates.add(known);
  await certificates.replace(known, after);
  return after;
}

/** Imported again with the chain that it lacked, it may be used for more than before; nothing takes that away again. */
function withBetterTrust(known: Certificate, wanted: Certificate): Certificate {
  const { trust, chain, decryptOnly } = wanted;
  if (decryptOnly || (trust === known.trust && isSameChain(chain, known.chain))) return known;
  return { ...known, trust, chain, decryptOnly };
}

const isSameChain = (one: readonly Buffer[], other: readonly Buffer[]): boolean =>
  one.length === other.length && one.every((der, index) => other[index]?.equals(der));

const keyMissing = () =>
  new AppError('PRIVATE_KEY_INVALID', 'The private key is missing, and is not held here either', {
    fix: 'Give the private key of the certificate along with it.',
  });

const certificateMissing = () =>
  new AppError('CERTIFICATE_INVALID', 'There is no certificate that belongs to the private key', {
    fix: 'Give the certificate too; or a PKCS#12 file that has both in it.',
  });

const lost = () =>
  new AppError('SEAL_BROKEN', 'The sealed key could not be read back after it was stored', {
    fix: 'Check Redis (sealtrack doctor), then import the certificate again.',
  });
