import { explainProblem } from '@sealtrack/certificates/x509/problems';
import { validateChain } from '@sealtrack/certificates/x509/validate-chain';
import { AppError } from '@sealtrack/errors/app-error';
import type { Authority } from './open-authority.ts';

/**
 * A certificate that nobody has seen yet is validated as others will do it, against the authority that signed it: what gets
 * past the questions asked before, such as an e-mail address in a subject that a constraint forbids, ends here. Throws
 * INVALID_ARGUMENT.
 */
export function checkIssuable({ certificate, above }: Authority, der: Buffer, at: Date): void {
  const result = validateChain(
    { leaf: der, intermediates: [certificate, ...above], anchors: [above.at(-1) ?? certificate], crls: [] },
    {
      profile: 'lenient',
      maxIntermediates: 10,
      ...{ keyUsage: [], extendedKeyUsage: [], revocation: 'off', peerName: undefined },
      // What a weak signature is worth was said when it was asked for.
      legacy: ['sha1'],
    },
    at,
  );
  if (result.ok) return;
  const { message, fix } = explainProblem(result);
  throw new AppError('INVALID_ARGUMENT', `Nobody would accept it: ${message}`, {
    fix,
    details: { problem: result.problem },
  });
}
