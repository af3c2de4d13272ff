import type { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import type { TenantId } from '@sealtrack/ids/ids';
import { parseCertificateId } from '@sealtrack/ids/parse';
import { z } from 'zod';
import type { ApprovalRequest, CertificateDetails, ImportAnswer } from '../../api/certificates.ts';
import { type CountUsesDeps, createCountUses } from '../../count-uses.ts';
import { describeCertificate } from '../../domain/describe-certificate.ts';
import { createListCertificates } from '../../list-certificates.ts';
import type { Certificates } from '../../ports.ts';
import { type AskedByPerson, forPerson, type Handlers } from '../handler.ts';
import { flag, parseInput, partOf, shortText, tenantOf } from '../parse-input.ts';
import { readUpload } from '../uploads.ts';

export interface CertificateHandlersDeps extends CountUsesDeps {
  readonly certificates: Certificates;
}

const UPLOADED = {
  files: ['certificate', 'private_key', 'password'],
  fields: ['alias', 'decrypt_only', 'dry_run'],
} as const;
/** Deriving a key from a password may take seconds, and others may be before it. */
const IMPORT_MS = 60_000;

const listQuery = z.object({ deleted: flag });
const deleteQuery = z.object({ force: flag });
const importFields = z.object({ alias: shortText.default(''), decrypt_only: flag, dry_run: flag });
const approval: z.ZodType<ApprovalRequest> = z.strictObject({
  approver: shortText,
  signature: z.base64().max(1_000),
});

/** Answers to /tenants/:tenant/certificates. */
export function createCertificateHandlers(deps: CertificateHandlersDeps): Handlers {
  const { certificates } = deps;
  const count = createCountUses(deps);
  const list = createListCertificates(certificates, count);

  const describe = async (
    asked: AskedByPerson,
    tenantId: TenantId,
    certificate: Certificate | undefined,
  ): Promise<CertificateDetails> => {
    if (certificate === undefined) throw nothingSaid();
    const [uses] = await count(tenantId, [certificate.certificateId], forPerson(asked));
    if (uses === undefined) throw nothingSaid();
    return describeCertificate(certificate, uses);
  };
  const idsOf = (asked: AskedByPerson) => ({
    tenantId: tenantOf(asked),
    certificateId: parseCertificateId(partOf(asked, 'certificate')),
  });

  return {
    'GET /tenants/:tenant/certificates': (asked) => {
      const { deleted } = parseInput(listQuery, asked.request.query);
      return list(tenantOf(asked), deleted, forPerson(asked));
    },
    'POST /tenants/:tenant/certificates': async (asked): Promise<ImportAnswer> => {
      const tenantId = tenantOf(asked);
      using upload = await readUpload(asked.request, UPLOADED);
      const { alias, ...flags } = parseInput(importFields, upload.fields);
      const { certificate = NOTHING, private_key: privateKey = NOTHING, password = NOTHING } = upload.files;
      if (certificate.length + privateKey.length === 0) throw nothingSent();
      const { stored, warnings, ...imported } = await certificates.importCertificate(
        {
          ...{ tenantId, certificate, privateKey, password, alias },
          ...{ decryptOnly: flags.decrypt_only, dryRun: flags.dry_run },
        },
        { ...forPerson(asked), deadlineMs: IMPORT_MS },
      );
      return { certificate: await describe(asked, tenantId, imported.certificate), warnings, stored };
    },
    'GET /tenants/:tenant/certificates/:certificate': async (asked) => {
      const ids = idsOf(asked);
      const { certificate } = await certificates.getCertificate(ids, forPerson(asked));
      return describe(asked, ids.tenantId, certificate);
    },
    'DELETE /tenants/:tenant/certificates/:certificate': async (asked) => {
      const ids = idsOf(asked);
      const { force } = parseInput(deleteQuery, asked.request.query);
      const { certificate } = await certificates.deleteCertificate({ ...ids, force }, forPerson(asked));
      return describe(asked, ids.tenantId, certificate);
    },
    'POST /tenants/:tenant/certificates/:certificate/approvals': async (asked) => {
      const ids = idsOf(asked);
      const { approver, signature } = parseInput(approval, asked.request.body);
      const { certificate } = await certificates.approveDeletion(
        { ...ids, approver, signature: Buffer.from(signature, 'base64') },
        forPerson(asked),
      );
      return describe(asked, ids.tenantId, certificate);
    },
    'POST /tenants/:tenant/certificates/:certificate/restore': async (asked) => {
      const ids = idsOf(asked);
      const { certificate } = await certificates.restoreCertificate(ids, forPerson(asked));
      return describe(asked, ids.tenantId, certificate);
    },
  };
}

const NOTHING = Buffer.alloc(0);

const nothingSent = (): AppError =>
  new AppError('INVALID_ARGUMENT', 'There is no certificate in the form', {
    fix: 'Choose a certificate and its private key; or a PKCS#12 file that has both, as the private key.',
    details: { field: 'certificate' },
  });

const nothingSaid = (): AppError =>
  new AppError('INTERNAL', 'The crypto server has said nothing of the certificate', {
    fix: 'Look into the log of crypto-server: it may be of another version.',
  });
