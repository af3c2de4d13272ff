import { isDnsPattern, mailboxOf, showAddress } from './general-names.ts';
import { matchesName } from './match-name.ts';
import { isSelfIssued, type X509 } from './parse-x509.ts';
import type { ChainPolicy } from './policy.ts';
import type { ChainFailure } from './problems.ts';
import { isKeyAllowed } from './signature.ts';

export type Finding = Pick<ChainFailure, 'problem' | 'detail'>;

/** What RFC 5280 tells CAs to write (section 4) and its validation does not ask for: what breaks it, and how. */
const RULES: readonly (readonly [rule: string, breaks: (certificate: X509, isAnchor: boolean) => boolean])[] =
  [
    ['has an empty issuer', ({ issuer }) => issuer.parts.length === 0],
    ['is a CA without a subject', (each) => isCa(each) && each.subject.parts.length === 0],
    [
      'has an empty subject and no critical subjectAltName',
      ({ subject, extensions }) => subject.parts.length === 0 && !extensions.critical.has('subjectAltNames'),
    ],
    ['has a malformed name in its subjectAltName', hasMalformedName],
    [
      'is a CA without a subjectKeyIdentifier',
      (each) => isCa(each) && each.extensions.subjectKeyId === undefined,
    ],
    ['marks subjectKeyIdentifier critical', ({ extensions }) => extensions.critical.has('subjectKeyId')],
    ['marks authorityKeyIdentifier critical', ({ extensions }) => extensions.critical.has('authorityKeyId')],
    [
      'has no authorityKeyIdentifier with a key identifier',
      // Above an anchor nobody is looked for, and above a root there is nobody.
      (each, isAnchor) =>
        each.extensions.authorityKeyId?.keyId === undefined && !isAnchor && !isSelfIssued(each),
    ],
    [
      'is a CA and does not mark basicConstraints critical',
      (each) => isCa(each) && !each.extensions.critical.has('basicConstraints'),
    ],
    [
      'limits the path below it and is no CA that issues certificates',
      (each) => each.extensions.basicConstraints?.pathLength !== undefined && !(isCa(each) && maySign(each)),
    ],
    [
      'has keyCertSign and is no CA',
      (each) => (each.extensions.keyUsage?.has('keyCertSign') ?? false) && !isCa(each),
    ],
    ['has a keyUsage without a use', ({ extensions }) => extensions.keyUsage?.size === 0],
    ['constrains names and is no CA', (each) => each.extensions.nameConstraints !== undefined && !isCa(each)],
    ['does not mark nameConstraints critical', (each) => isUnmarked(each, 'nameConstraints')],
    ['does not mark policyConstraints critical', (each) => isUnmarked(each, 'policyConstraints')],
    ['does not mark inhibitAnyPolicy critical', (each) => isUnmarked(each, 'inhibitAnyPolicy')],
  ];

/** What is wrong with a certificate wherever it stands in a path; dates apart. */
export function checkCertificate(
  certificate: X509,
  policy: ChainPolicy,
  isAnchor: boolean,
): Finding | undefined {
  const { extensions, key } = certificate;
  const [unknown] = extensions.unknownCritical;
  if (unknown !== undefined) return { problem: 'critical-extension-unknown', detail: unknown };
  if (extensions.policyConstraints?.requiresPolicy) {
    return { problem: 'policies-unsupported', detail: 'requireExplicitPolicy' };
  }
  if (!isKeyAllowed(key, policy)) {
    return { problem: 'key-refused', detail: key.bits > 0 ? `RSA of ${key.bits} bits` : key.type };
  }
  const broken = policy.profile === 'strict' && RULES.find(([, breaks]) => breaks(certificate, isAnchor));
  return broken ? { problem: 'certificate-not-conforming', detail: broken[0] } : undefined;
}

/** What is wrong with a certificate as the one that a path is for. */
export function checkLeaf(certificate: X509, policy: ChainPolicy): Finding | undefined {
  const { keyUsage } = certificate.extensions;
  const missing = keyUsage && policy.keyUsage.find((usage) => !keyUsage.has(usage));
  if (missing !== undefined) return { problem: 'key-usage-missing', detail: missing };
  return checkExtendedKeyUsage(certificate, policy);
}

/** Whether it is for whom it is wanted for; said last, because a chain can be right and this the wrong one. */
export function checkPeerName(certificate: X509, { peerName }: ChainPolicy): Finding | undefined {
  if (peerName === undefined || matchesName(certificate, peerName)) return undefined;
  const name = peerName.kind === 'ip' ? showAddress(peerName.value) : peerName.value;
  return { problem: 'peer-name-mismatch', detail: name };
}

/** What is wrong with a certificate as an issuer, with so many CAs below it. */
export function checkIssuer(issuer: X509, policy: ChainPolicy, casBelow: number, isAnchor: boolean) {
  const { basicConstraints } = issuer.extensions;
  if (!isCa(issuer)) return finding('not-a-ca');
  if (!maySign(issuer)) return finding('ca-may-not-sign');
  if ((basicConstraints?.pathLength ?? casBelow) < casBelow) return finding('path-length-exceeded');
  // An anchor is trusted for what it is configured for, whatever it says of itself.
  return isAnchor ? undefined : checkExtendedKeyUsage(issuer, policy);
}

/** RFC 5280, 4.1.2.5: both ends belong to it, and it knows whole seconds only. */
export function checkDates({ notBefore, notAfter }: X509, at: number): Finding | undefined {
  const second = Math.floor(at / 1000) * 1000;
  // Written so that a time that is none is outside.
  if (!(second >= notBefore)) return { problem: 'not-yet-valid', detail: new Date(notBefore).toISOString() };
  if (second > notAfter) return { problem: 'expired', detail: new Date(notAfter).toISOString() };
  return undefined;
}

const ANY_USAGE = '2.5.29.37.0';

function checkExtendedKeyUsage({ extensions }: X509, policy: ChainPolicy): Finding | undefined {
  const { extendedKeyUsage: usages } = extensions;
  if (usages === undefined || usages.has(ANY_USAGE)) return undefined;
  const missing = policy.extendedKeyUsage.find((usage) => !usages.has(usage));
  return missing === undefined ? undefined : { problem: 'extended-key-usage-missing', detail: missing };
}

const finding = (problem: Finding['problem'], detail = ''): Finding => ({ problem, detail });

const isCa = ({ extensions }: X509): boolean => extensions.basicConstraints?.ca ?? false;

const maySign = ({ extensions }: X509): boolean => extensions.keyUsage?.has('keyCertSign') ?? true;

const isUnmarked = (
  { extensions }: X509,
  name: 'nameConstraints' | 'policyConstraints' | 'inhibitAnyPolicy',
): boolean => extensions[name] !== undefined && !extensions.critical.has(name);

function hasMalformedName({ extensions }: X509): boolean {
  return (extensions.subjectAltNames ?? []).some(
    (name) =>
      (name.kind === 'dns' && !isDnsPattern(name.value)) ||
      (name.kind === 'email' && mailboxOf(name.value) === undefined),
  );
}
