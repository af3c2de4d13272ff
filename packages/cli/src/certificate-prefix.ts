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
 * The certificates that people mean: whole ids, prefixes of 8 digits or more, or aliases. `search` finds those that have
 * all words of a text in them, and is asked only for what is no whole id. Throws CERTIFICATE_NOT_FOUND, or
 * INVALID_ARGUMENT for one that could be several.
 */
export const findCertificates = (
  wanted: readonly string[],
  search: (query: string) => Promise<readonly Named[]>,
): Promise<CertificateId[]> =>
  Promise.all(
    wanted.map(async (text) =>
      isCertificateId(text) ? text : findOne(text, text.trim() === '' ? [] : await search(text)),
    ),
  );

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
    throw new AppError(
      'INVALID_ARGUMENT',
      `${matches.length} certificates match ${text}: ${firstOf(matches)}`,
      {
        fix: 'Give the id, or as many digits of it as set it apart: sealtrack certificates list.',
        details: { matches: matches.map(({ certificateId }) => certificateId).join(', ') },
      },
    );
  return parseCertificateId(match.certificateId);
}

const NAMED = 4;
const firstOf = (matches: readonly Named[]): string =>
  [
    ...matches.slice(0, NAMED).map(({ certificateId }) => certificateId.slice(0, 16)),
    ...(matches.length > NAMED ? ['…'] : []),
  ].join(', ');
