import { DerError } from '@sealtrack/certificates/der';
import { algorithmOf } from '@sealtrack/certificates/der-values';
import { distinguishedName } from '@sealtrack/certificates/distinguished-name';
import { type SignatureAlgorithm, signatureAlgorithmOf } from '@sealtrack/certificates/signature-algorithm';
import { isSelfIssued, type X509 } from '@sealtrack/certificates/x509/parse-x509';
import type { ChainProblem } from '@sealtrack/certificates/x509/problems';
import { daysLeft, daysUntil } from '../certificates/describe-certificate.ts';
import { type Finding, problem, warning } from '../doctor/finding.ts';
import { USAGE_OIDS, type Usage } from './judge-chain.ts';

const SOON_DAYS = 30;
const MIN_RSA_BITS = 2048;
const ANY_USAGE = '2.5.29.37.0';
const RENEW = 'Renew it before then: sealtrack tls renew, or the CA that issued it.';
const ISSUE_ANEW = 'Have it issued anew (sealtrack tls create-cert), or by its CA.';

export interface Judging {
  readonly usage: Usage;
  readonly at: Date;
  /** What is wrong with the chain, which is not said twice. */
  readonly failed: ChainProblem | undefined;
}

/** What is wrong, soon will be, or looks wrong to some peers, of certificates from the leaf upwards. */
export const judgeCertificates = (certificates: readonly X509[], judging: Judging): Finding[] =>
  certificates.flatMap((each, i) => [
    ...judgeDates(each, judging),
    ...judgeStrength(each, judging),
    ...(i === 0 ? judgeLeaf(each, judging) : judgeCa(each)),
  ]);

const nameOf = ({ subject }: X509): string =>
  distinguishedName(subject.der) || 'a certificate without a name';

function judgeDates(certificate: X509, { at, failed }: Judging): Finding[] {
  const [from, to] = [new Date(certificate.notBefore), new Date(certificate.notAfter)];
  if (at > to) {
    return failed === 'expired'
      ? []
      : [problem('dates', `${nameOf(certificate)} expired at ${to.toISOString()}`, RENEW)];
  }
  if (at < from) {
    if (failed === 'not-yet-valid') return [];
    const facts = `${nameOf(certificate)} is not valid before ${from.toISOString()}`;
    return [problem('dates', facts, 'Wait until then, or correct the clock if it is wrong.')];
  }
  if (daysUntil(to, at) >= SOON_DAYS) return [];
  return [
    warning('dates', `${nameOf(certificate)} expires at ${to.toISOString()}: ${daysLeft(to, at)}`, RENEW),
  ];
}

function judgeStrength(certificate: X509, { failed }: Judging): Finding[] {
  const { name, strength } = signatureOf(certificate);
  const { type, bits } = certificate.key;
  // What a root says of itself nobody checks.
  const isWeak =
    strength !== 'good' && !isSelfIssued(certificate) && failed !== 'signature-algorithm-refused';
  const isShort = type === 'rsa' && bits < MIN_RSA_BITS && failed !== 'key-refused';
  return [
    ...(isWeak
      ? [
          warning(
            'signature',
            `${nameOf(certificate)} is signed with ${name}, which peers refuse`,
            ISSUE_ANEW,
          ),
        ]
      : []),
    ...(isShort
      ? [
          warning(
            'key',
            `${nameOf(certificate)} has an RSA key of ${bits} bits, which peers refuse`,
            ISSUE_ANEW,
          ),
        ]
      : []),
  ];
}

/** Every peer of ours is content without these; others are not. */
function judgeLeaf({ extensions, subject }: X509, { usage, failed }: Judging): Finding[] {
  const { subjectAltNames = [], extendedKeyUsage, keyUsage, basicConstraints } = extensions;
  const found: Finding[] = [];
  const say = (what: string, facts: string): void => {
    found.push(warning(what, facts, ISSUE_ANEW));
  };
  if (subjectAltNames.length === 0) {
    const alone = subject.parts.length === 0 ? '' : '; its common name alone is looked at by nobody';
    say('names', `it has no names in subjectAltName${alone}`);
  }
  if (extendedKeyUsage === undefined)
    say('usage', 'it has no extendedKeyUsage, so that it passes for any use, and some peers refuse it');
  else if (
    extendedKeyUsage.has(ANY_USAGE) &&
    !extendedKeyUsage.has(USAGE_OIDS[usage]) &&
    failed === undefined
  )
    say('usage', 'its extendedKeyUsage is anyExtendedKeyUsage, which some peers do not take');
  if (keyUsage !== undefined && !keyUsage.has('digitalSignature'))
    say('usage', 'its keyUsage has no digitalSignature, without which there is no TLS 1.3');
  if (basicConstraints?.ca) say('usage', 'it is the certificate of a CA: who has its key can issue others');
  return found;
}

function judgeCa(certificate: X509): Finding[] {
  const { keyUsage } = certificate.extensions;
  if (keyUsage === undefined || keyUsage.has('cRLSign')) return [];
  const facts = `${nameOf(certificate)} may not sign CRLs (keyUsage has no cRLSign): nothing it revokes is believed`;
  return [
    warning(
      'revocation',
      facts,
      'Have its CA certificate issued with cRLSign, or its CRLs signed by another.',
    ),
  ];
}

/** Never throws: what cannot be read is not known to be weak. */
export function signatureOf({ signed }: X509): SignatureAlgorithm {
  try {
    return signatureAlgorithmOf(algorithmOf(signed.algorithm));
  } catch (error) {
    if (error instanceof DerError) return { name: 'unknown', strength: 'good' };
    throw error;
  }
}
