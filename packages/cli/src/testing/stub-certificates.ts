import { type KeyObject, verify } from 'node:crypto';
import {
  Certificate,
  CertificateServiceDefinition,
  Deletion,
  Deletion_State,
  type ImportCertificateRequest,
  type ListCertificatesRequest,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import type { ErrorCode } from '@sealtrack/errors/codes';
import { implement } from '@sealtrack/rpc/server';

export const CERTIFICATE_ID = `3fa9c1d2${'0'.repeat(56)}`;
const MAX_PAGE = 500;
const UNTIL = new Date('2026-04-01T12:00:00Z');

export interface StubCertificates {
  readonly imported: ImportCertificateRequest[];
  readonly stored: Map<string, Certificate>;
  readonly listed: ListCertificatesRequest[];
  /** How many recordings need each. */
  readonly neededBy: Map<string, bigint>;
  readonly approvers: Map<string, KeyObject>;
  /** What opens the private key that is imported; none is needed when empty. */
  keyPassword: string;
  isSealed: boolean;
  /** Of a certificate that is imported again; what the request says when empty. */
  alias: string;
}

export const stubCertificate = (facts: Partial<Certificate> = {}): Certificate =>
  Certificate.fromPartial({
    ...{ certificateId: CERTIFICATE_ID, keyId: 'ab'.repeat(32), alias: 'sales', tenantId: 'demo' },
    ...{ subject: 'CN=Sales,O=Example', issuer: 'CN=Example CA', subjectName: 'Sales', serialNumber: '0a1b' },
    ...{ keyBits: 3072, publicExponent: '65537', signatureAlgorithm: 'sha256WithRSAEncryption' },
    ...{ hasPrivateKey: true, trust: 'private-ca', notBefore: new Date('2026-01-01T00:00:00Z') },
    ...{ notAfter: new Date('2126-01-01T00:00:00Z'), importedAt: new Date('2026-01-02T03:04:05Z') },
    ...facts,
  });

export function createStubCertificates(): StubCertificates {
  const sales = stubCertificate();
  return {
    ...{
      imported: [],
      listed: [],
      neededBy: new Map(),
      approvers: new Map(),
      keyPassword: '',
      isSealed: false,
      alias: '',
    },
    stored: new Map([[sales.certificateId, sales]]),
  };
}

const endOf = (time: Date | undefined): number => time?.getTime() ?? Number.POSITIVE_INFINITY;

const refused = (code: ErrorCode, message: string): AppError =>
  new AppError(code, message, { fix: 'Do as the server says.' });

export function stubCertificateService(state: StubCertificates) {
  const find = (id: string): Certificate => {
    const certificate = state.stored.get(id);
    if (certificate !== undefined) return certificate;
    throw refused('CERTIFICATE_NOT_FOUND', `There is no certificate ${id}`);
  };
  const store = (certificate: Certificate): { certificate: Certificate } => {
    state.stored.set(certificate.certificateId, certificate);
    return { certificate };
  };
  const withDeletion = (certificate: Certificate, deletion: Partial<Deletion>) =>
    store({ ...certificate, deletion: Deletion.fromPartial({ until: UNTIL, ...deletion }) });

  return implement(CertificateServiceDefinition, {
    importCertificate: async (request) => {
      state.imported.push(request);
      const password = request.password.toString();
      if (state.keyPassword !== '' && password === '')
        throw refused('PRIVATE_KEY_PASSWORD_MISSING', 'It is encrypted');
      if (password !== state.keyPassword && state.keyPassword !== '')
        throw refused('PRIVATE_KEY_PASSWORD_WRONG', 'The password is wrong');
      const { alias, dryRun, decryptOnly } = request;
      const trust = decryptOnly ? 'none' : 'private-ca';
      const certificate = stubCertificate({
        alias: state.alias || alias || 'CN=Sales,O=Example',
        decryptOnly,
        trust,
      });
      return { certificate, warnings: ['It expires soon'], stored: !dryRun };
    },
    getCertificate: async ({ certificateId }) => ({ certificate: find(certificateId) }),
    listCertificates: async (request) => {
      state.listed.push(request);
      if (state.isSealed) throw refused('SEALED', 'This crypto server is sealed');
      if (request.pageSize > MAX_PAGE) throw refused('INVALID_ARGUMENT', 'page_size is too large');
      const words = request.query.toLowerCase().split(' ').filter(Boolean);
      const found = [...state.stored.values()]
        .filter(({ deletion }) => request.includeDeleted || deletion?.state !== Deletion_State.DELETED)
        .filter(({ alias, subject, certificateId }) => {
          const text = `${alias} ${subject} ${certificateId}`.toLowerCase();
          return words.every((word) => text.includes(word));
        })
        .filter(({ notAfter }) => endOf(notAfter) < endOf(request.expiresBefore));
      if (request.expiresBefore !== undefined) found.sort((a, b) => endOf(a.notAfter) - endOf(b.notAfter));
      const from = Number(request.pageToken || 0);
      const to = from + (request.pageSize || 100);
      return {
        certificates: found.slice(from, to),
        nextPageToken: to < found.length ? String(to) : '',
        total: found.length,
      };
    },
    deleteCertificate: async ({ certificateId, force }) => {
      const certificate = find(certificateId);
      const recordings = state.neededBy.get(certificateId) ?? 0n;
      if (recordings === 0n) return withDeletion(certificate, { state: Deletion_State.DELETED });
      if (!force) throw refused('CERTIFICATE_IN_USE', `${recordings} recordings are encrypted to it`);
      const statement = `I approve that Sealtrack deletes this certificate.\ncertificate: ${certificateId}\n`;
      return withDeletion(certificate, { state: Deletion_State.REQUESTED, recordings, statement });
    },
    approveDeletion: async ({ certificateId, approver, signature }) => {
      const certificate = find(certificateId);
      const { statement = '', recordings = 0n, approvers = [] } = certificate.deletion ?? {};
      const key = state.approvers.get(approver);
      if (key === undefined || !verify(null, Buffer.from(statement), key, signature))
        throw refused('APPROVAL_REFUSED', 'This is not the signature of an approver');
      const all = [...approvers, approver];
      const isLast = all.length > 1;
      return withDeletion(certificate, {
        state: isLast ? Deletion_State.DELETED : Deletion_State.REQUESTED,
        statement: isLast ? '' : statement,
        ...{ recordings, approvers: all },
      });
    },
    restoreCertificate: async ({ certificateId }) => store({ ...find(certificateId), deletion: undefined }),
  });
}
