import type {
  AssignedCertificate,
  ImportedSettings,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import type { GrpcStatus } from '@sealtrack/errors/codes';
import type { TenantId } from '@sealtrack/ids/ids';
import { assign, parseCertificateIds } from './domain/assign.ts';
import type { CertificatesChange } from './domain/plan-import.ts';
import type { FindGenesysCertificates, FoundMedia, FoundPair } from './find-genesys-certificates.ts';
import type { CertificateDirectory, ProfileCalls } from './ports.ts';
import { readCertificates } from './read-certificates.ts';

export type ImportCalls = ProfileCalls<
  | 'getProfile'
  | 'createProfile'
  | 'updateProfile'
  | 'assignCertificates'
  | 'getScreenSettings'
  | 'saveScreenSettings'
>;

/** One import of one document. */
export interface GenesysImport {
  readonly tenantId: TenantId;
  readonly dryRun: boolean;
  readonly calls: ImportCalls;
  readonly directory: CertificateDirectory;
  readonly find: FindGenesysCertificates;
}

export function reporter(profileId: string, media: readonly (FoundMedia | undefined)[]) {
  const each = media.filter((one) => one !== undefined);
  const found = each.flatMap(({ certificates = [] }) => certificates);
  const notes = each.flatMap((one) => one.notes);
  const certificateIds = (each[0]?.certificates ?? []).map(({ certificateId }) => certificateId);
  return {
    found,
    notes,
    problems: each.flatMap(({ problems }) => problems),
    refused: (messages: readonly string[]): ImportedSettings => ({
      ...{ profileId, outcome: 'refused', messages: [...messages, ...notes], certificateIds },
    }),
    done: (outcome: string, ids: string[]): ImportedSettings => ({
      ...{ profileId, outcome, messages: notes, certificateIds: ids },
    }),
  };
}

/** What is wrong with one profile concerns no other. What cannot be reached concerns all of them. */
export async function refusing(
  refused: (messages: readonly string[]) => ImportedSettings,
  work: () => Promise<ImportedSettings>,
): Promise<ImportedSettings> {
  try {
    return await work();
  } catch (error) {
    if (!isOfOne(error)) throw error;
    return refused([`${error.message}. ${error.fix}`]);
  }
}

const OF_ONE: readonly GrpcStatus[] = [
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'FAILED_PRECONDITION',
  'PERMISSION_DENIED',
  'ABORTED',
];
const isOfOne = (error: unknown): error is AppError =>
  error instanceof AppError && OF_ONE.includes(error.grpcStatus);

/** As assigning them checks them, and before anything is changed: what is refused stays as it was. */
export async function checkAssignable(
  { directory, tenantId }: GenesysImport,
  { certificateIds, successions }: CertificatesChange,
  before: readonly AssignedCertificate[],
  found: readonly FoundPair[],
): Promise<void> {
  const naming: CertificateDirectory = {
    get: (tenant, id) =>
      directory.get(tenant, id).catch((error: unknown) => {
        const name = found.find(({ certificateId }) => certificateId === id)?.name ?? id;
        throw isOfOne(error) ? named(error, name) : error;
      }),
  };
  const ids = parseCertificateIds(certificateIds);
  assign(before, await readCertificates(naming, tenantId, ids, before), successions);
}

/** With what the document calls the certificate: by its id alone nobody could tell which one is meant. */
const named = (error: AppError, name: string): AppError => {
  const { code, message, fix, details } = error;
  return code === 'CERTIFICATE_NOT_FOUND'
    ? new AppError(code, `${name} is not here`, {
        fix: 'Import it with its private key: sealtrack certificates import.',
        details,
      })
    : new AppError(code, `${name}: ${message}`, { fix, details });
};
