import type { CertificateInfo } from '@sealtrack/certificates/certificate';
import { DerError } from '@sealtrack/certificates/der';
import type { Crl } from '@sealtrack/certificates/x509/crl';
import { isSelfIssued, parseX509, type X509 } from '@sealtrack/certificates/x509/parse-x509';
import { type ChainPolicy, RECORDING_POLICY } from '@sealtrack/certificates/x509/policy';
import { explainProblem } from '@sealtrack/certificates/x509/problems';
import { type ChainResult, createChainValidator } from '@sealtrack/certificates/x509/validate-chain';
import type { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import { isDeleted } from './deletion.ts';

/** Whom this crypto server trusts. Both lists are as they are at the moment. */
export interface TrustSettings {
  /** any: also self-signed certificates, and roots that come along with one. roots: only `roots()`. */
  readonly accept: 'any' | 'roots';
  readonly profile: ChainPolicy['profile'];
  roots(): readonly X509[];
  crls(): readonly Crl[];
}

/** How a certificate is trusted, and the certificates above it, in order, to the root. */
export type Trust = Pick<Certificate, 'trust' | 'chain'>;

export const NO_TRUST: Trust = { trust: 'none', chain: [] };

export interface CertificateTrust {
  /**
   * Finds out how a certificate is trusted that came with others. Its own dates are no question here: one that has
   * expired opens recordings, and one that is not valid yet waits.
   * @throws AppError CERTIFICATE_UNTRUSTED.
   */
  establish(leaf: CertificateInfo, others: readonly Buffer[], now: Date): Trust;
  /** Why no new recording may be encrypted to it at this moment: both empty when one may. */
  judge(certificate: Certificate, now: Date): Pick<Certificate, 'problem' | 'problemText'>;
}

export function createCertificateTrust({ accept, profile, roots, crls }: TrustSettings): CertificateTrust {
  const policy = { ...RECORDING_POLICY, profile };
  const validator = createChainValidator(policy);
  const withoutCrls = createChainValidator({ ...policy, revocation: 'off' }, { cacheSize: 16 });

  return {
    establish(leaf, others, now) {
      const at = within(leaf, now);
      // CRLs speak of now: of another time they can only be too old or too new.
      const { validate } = at === now ? validator : withoutCrls;
      const isSelfSigned = leaf.subject === leaf.issuer;
      const ways: readonly Way[] = [
        { trust: 'trusted-root', anchors: roots() },
        ...(accept === 'roots' ? [] : [{ trust: 'self-signed', anchors: isSelfSigned ? [leaf.der] : [] }]),
        ...(accept === 'roots' ? [] : [{ trust: 'private-ca', anchors: others.filter(isRoot) }]),
      ];
      const chain = { leaf: leaf.der, intermediates: others, crls: crls() };
      const results = ways
        .filter(({ anchors }) => anchors.length > 0)
        .map(({ trust, anchors }) => ({ trust, result: validate({ ...chain, anchors }, at) }));
      for (const { trust, result } of results)
        if (result.ok) return { trust, chain: result.path.slice(1).map(({ der }) => der) };
      // The way that was meant is the last that there was something for.
      throw untrusted(results.at(-1)?.result ?? validate({ ...chain, anchors: [] }, at), accept);
    },
    judge(certificate, now) {
      if (isDeleted(certificate)) return problem('deleted', 'It was deleted, and can be restored.');
      if (certificate.holding)
        return problem(
          'holding',
          'It is a holding key: recordings wait under it, and it is assigned to nothing.',
        );
      if (certificate.decryptOnly)
        return problem('decrypt-only', 'It was imported for opening old recordings only.');
      const { der, chain } = certificate;
      // Where only roots count by now, it does not matter how the certificate was trusted before.
      const own = { 'self-signed': [der], 'private-ca': chain.slice(-1) }[certificate.trust];
      const anchors = accept === 'roots' ? roots() : (own ?? roots());
      const asked = { leaf: der, intermediates: chain, anchors, crls: crls() };
      const result = validator.validate(asked, now);
      if (result.ok) return problem('', '');
      if (result.problem === 'not-yet-valid') {
        // It may be assigned already, so its dates must not hide what will not pass with time.
        if (isListed(der, crls())) return problem('revoked', 'It was revoked before it became valid.');
        const then = withoutCrls.validate(asked, certificate.notBefore ?? now);
        if (!then.ok) return problem(then.problem, explainProblem(then).message);
      }
      return problem(result.problem, explainProblem(result).message);
    },
  };
}

interface Way {
  readonly trust: string;
  readonly anchors: readonly (Buffer | X509)[];
}

/** `now`, or the nearest time at which the certificate itself is valid. */
function within({ notBefore, notAfter }: CertificateInfo, now: Date): Date {
  if (now < notBefore) return notBefore;
  return now > notAfter ? notAfter : now;
}

/** A CA certificate that its own CA issued: where a chain that came along with its root ends. */
function isRoot(der: Buffer): boolean {
  try {
    return isSelfIssued(parseX509(der));
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

/** Whether any list of its issuer's names it, whoever signed that: to have it wrong here is to wait. */
function isListed(der: Buffer, crls: readonly Crl[]): boolean {
  const { issuer, serial } = parseX509(der);
  return crls.some((crl) => crl.issuer.key === issuer.key && crl.revoked.has(serial));
}

const problem = (name: string, text: string) => ({ problem: name, problemText: text });

function untrusted(result: ChainResult, accept: TrustSettings['accept']): AppError {
  if (result.ok) throw new Error('a chain without an anchor holds');
  const { message, fix: usual } = explainProblem(result);
  // Nothing has to be configured for a root that comes along.
  const isIncomplete = accept === 'any' && result.problem === 'issuer-unknown';
  const fix = isIncomplete ? 'Put the CAs above it, up to their root, into the same file.' : usual;
  return new AppError('CERTIFICATE_UNTRUSTED', message, {
    fix: `${fix} Or import it for opening old recordings only: --decrypt-only.`,
    details: { problem: result.problem },
  });
}
