import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId } from '@sealtrack/ids/ids';
import { isCertificateId } from '@sealtrack/ids/ids';
import { parseCertificateId } from '@sealtrack/ids/parse';

const PREFIX = /^[0-9a-f]{8,63}$/;

interface Named {
  readonly certificateId: string;
  readonly alias: string;
}

/**
 * The certificates that people mean: whole ids, prefixes of 8 digits or more, or aliases. `list` is asked only when
 * something else than whole ids is among them. Throws CERTIFICATE_NOT_FOUND, or INVALID_ARGUMENT for one that could
 * be several.
 */
export async function findCertificates(
  wanted: readonly string[],
  list: () => Promise<readonly Named[]>,
): Promise<CertificateId[]> {
  if (wanted.every(isCertificateId)) return [...wanted];
  const known = await list();
  return wanted.map((text) => (isCertificateId(text) ? text : findOne(text, known)));
}

function findOne(text: string, known: readonly Named[]): CertificateId {
  const byId = PREFIX.test(text) ? known.filter(({ certificateId }) => certificateId.startsWith(text)) : [];
  const matches = byId.length > 0 ? byId : known.filter(({ alias }) => alias === text);
  const [match, other] = matches;
  if (match === undefined)
    throw new AppError('CERTIFICATE_NOT_FOUND', `There is no certificate ${text}`, {
      fix: 'Give the first 8 or more digits of its id, or its alias: sealtrack certificates list.',
      details: { certificate: text },
    });
  if (other !== undefined)
    throw new AppError('INVALID_ARGUMENT', `${matches.length} certificates match ${text}`, {
      fix: 'Give more digits of the id: sealtrack certificates list --json.',
      details: { matches: matches.map(({ certificateId }) => certificateId).join(', ') },
    });
  return parseCertificateId(match.certificateId);
}
