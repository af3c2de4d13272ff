import { parseCertificate } from '@sealtrack/certificates/certificate';
import type {
  AssignedCertificate,
  Succession,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId } from '@sealtrack/ids/ids';
import { parseCertificateId } from '@sealtrack/ids/parse';

/** Each costs every recording one RSA operation and its envelope some hundred bytes. */
export const MAX_CERTIFICATES = 16;

/** Without repetitions. Throws INVALID_ARGUMENT. */
export function parseCertificateIds(certificateIds: readonly string[]): CertificateId[] {
  const ids = [...new Set(certificateIds.map(parseCertificateId))];
  if (ids.length <= MAX_CERTIFICATES) return ids;
  throw wrong('certificate_ids', `${ids.length} certificates cannot be assigned`, {
    fix: `Give up to ${MAX_CERTIFICATES} certificates.`,
  });
}

/**
 * The list after an assignment: `fresh`, with the successions that are given, and those of the list before it that
 * nothing is said of and that still make sense. Throws INVALID_ARGUMENT.
 */
export function assign(
  before: readonly AssignedCertificate[],
  fresh: readonly AssignedCertificate[],
  successions: readonly Succession[],
): AssignedCertificate[] {
  refuseAlike(fresh);
  const ids = new Set(fresh.map(({ certificateId }) => certificateId));
  const given = successionsById(successions, ids);
  const kept = new Map(before.map((each) => [each.certificateId, each]));
  const assigned = fresh.map((each) => {
    const { certificateId } = each;
    const succession = given.get(certificateId);
    if (succession !== undefined)
      return { ...each, replaces: succession.replaces, useFrom: succession.useFrom };
    const { replaces = '', useFrom } = kept.get(certificateId) ?? {};
    // With the certificate that it waited for, the waiting is over.
    if (replaces !== '' && !ids.has(replaces)) return { ...each, replaces: '', useFrom: undefined };
    return { ...each, replaces, useFrom };
  });
  refuseCircles(assigned);
  return assigned;
}

function successionsById(
  successions: readonly Succession[],
  ids: ReadonlySet<string>,
): ReadonlyMap<string, Succession> {
  const given = new Map<string, Succession>();
  for (const succession of successions) {
    const { certificateId, replaces } = succession;
    const stranger = [certificateId, replaces].find((id) => id !== '' && !ids.has(id));
    if (certificateId === '' || stranger !== undefined)
      throw wrong(
        'successions',
        `Certificate ${stranger ?? ''} of a succession is not among the assigned ones`,
        {
          fix: 'Assign both: the certificate that is to be replaced goes on being used until then.',
        },
      );
    if (given.has(certificateId))
      throw wrong('successions', `Two successions are given for certificate ${certificateId}`, {
        fix: 'Give one for each certificate.',
      });
    given.set(certificateId, succession);
  }
  return given;
}

/** Certificates that replace each other would leave none. */
function refuseCircles(assigned: readonly AssignedCertificate[]): void {
  const replaces = new Map(assigned.map((each) => [each.certificateId, each.replaces]));
  for (const { certificateId } of assigned) {
    let next = replaces.get(certificateId) ?? '';
    for (let steps = 0; next !== '' && steps < assigned.length; steps += 1) {
      if (next === certificateId)
        throw wrong('successions', `Certificate ${certificateId} would replace itself`, {
          fix: 'Give successions that lead from older certificates to newer ones.',
        });
      next = replaces.get(next) ?? '';
    }
  }
}

/** An envelope names its recipients by these two alone (RFC 5652, 10.2.4), whatever their keys are. */
function refuseAlike(assigned: readonly AssignedCertificate[]): void {
  const names = assigned.map(({ der }) => {
    // One that was assigned when it still counted as strong may stay, beside its successor.
    const { issuer, serialNumber } = parseCertificate(der, { allowWeak: true });
    return `${issuer}\n${serialNumber}`;
  });
  if (new Set(names).size === names.length) return;
  throw wrong('certificate_ids', 'Two of the certificates have the same issuer and serial number', {
    fix: 'Assign one of them, or have the other issued anew with a serial number of its own.',
  });
}

const wrong = (field: string, message: string, { fix }: { readonly fix: string }): AppError =>
  new AppError('INVALID_ARGUMENT', message, { fix, details: { field } });
