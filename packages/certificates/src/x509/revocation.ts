import { distinguishedName } from '../distinguished-name.ts';
import type { Budget } from './budget.ts';
import type { Finding } from './check-certificate.ts';
import type { Crl } from './crl.ts';
import { ALL_REASONS, reasonsCovered } from './distribution-points.ts';
import type { X509 } from './parse-x509.ts';
import type { ChainPolicy } from './policy.ts';
import type { ChainFailure } from './problems.ts';
import type { SubjectKey } from './public-key.ts';
import { isAlgorithmAllowed } from './signature.ts';

/** What the state of a certificate is found from. */
export interface RevocationSources {
  readonly crls: readonly Crl[];
  /** One that could not be read: it may be anybody's. */
  readonly unreadCrl: ChainFailure | undefined;
  /** Certificates that a CRL may be signed under, other than that of the certificate's own issuer. */
  readonly signers: readonly X509[];
  /** Whether one of them is trusted, with the anchor of the path at hand. */
  readonly isTrusted: (signer: X509) => boolean;
}

/** Milliseconds: when the certificates were to be good, and when the CRLs are asked, which is not before that. */
export interface Times {
  readonly at: number;
  readonly known: number;
}

/**
 * Why a certificate goes out of use while its key stays where it was. For any other reason, or for none that is told, somebody
 * else may have the key, and could date what he signs back.
 */
const REPLACED = ['affiliationChanged', 'superseded', 'cessationOfOperation'];

/** Of a whole path, from the leaf to the anchor; `keys` are those of its certificates. The anchor itself is trusted. */
export function checkRevocation(
  path: readonly X509[],
  keys: readonly SubjectKey[],
  policy: ChainPolicy,
  sources: RevocationSources,
  times: Times,
  budget: Budget,
): ChainFailure | undefined {
  if (policy.revocation === 'off') return undefined;
  for (const [i, certificate] of path.slice(0, -1).entries()) {
    const [issuer, key] = [path[i + 1], keys[i + 1]];
    if (issuer === undefined || key === undefined) continue;
    const found = checkOne(certificate, { issuer, key }, policy, sources, times, budget);
    if (found !== undefined) return { subject: distinguishedName(certificate.subject.der), ...found };
  }
  return undefined;
}

interface Issuer {
  readonly issuer: X509;
  readonly key: SubjectKey;
}

/**
 * RFC 5280, 6.3.3, with what is not clear decided against the certificate: every CRL that is believed counts, together they
 * have to speak of every reason, and one that cannot be believed is made good only by others that can.
 */
function checkOne(
  certificate: X509,
  issuer: Issuer,
  policy: ChainPolicy,
  sources: RevocationSources,
  { at, known }: Times,
  budget: Budget,
): Finding | ChainFailure | undefined {
  const theirs = sources.crls.filter((crl) => crl.issuer.key === certificate.issuer.key);
  const covered = new Set<number>();
  let wrong: Finding | undefined;
  for (const crl of theirs) {
    const reasons = reasonsCovered(certificate, crl.scope);
    if (reasons.size === 0 && crl.unsupported === undefined) continue;
    budget.step();
    const found = checkCrl(crl, policy, known) ?? checkSigner(crl, issuer, sources, budget);
    if (found !== undefined) {
      wrong ??= found;
      continue;
    }
    const entry = crl.revoked.get(certificate.serial);
    if (entry !== undefined && !(at < known && at < entry.at && REPLACED.includes(entry.reason))) {
      return { problem: 'revoked', detail: `${entry.reason}, at ${new Date(entry.at).toISOString()}` };
    }
    // A delta can add to the revoked; that it says nothing, or takes something back, is not enough to let it off.
    if (!crl.isDelta) for (const reason of reasons) covered.add(reason);
  }
  if (ALL_REASONS.every((reason) => covered.has(reason))) return undefined;
  if (wrong !== undefined) return wrong;
  if (theirs.length > 0) return { problem: 'crl-incomplete', detail: '' };
  if (sources.unreadCrl !== undefined) return sources.unreadCrl;
  return policy.revocation === 'required' ? { problem: 'crl-missing', detail: '' } : undefined;
}

/** What is wrong with a CRL whoever signed it. Its times are inclusive, as those of certificates. */
function checkCrl(crl: Crl, policy: ChainPolicy, at: number): Finding | undefined {
  const second = Math.floor(at / 1000) * 1000;
  if (crl.unsupported !== undefined) return { problem: 'crl-unsupported', detail: crl.unsupported };
  if (policy.profile === 'strict' && crl.notConforming !== undefined) {
    return { problem: 'crl-not-conforming', detail: crl.notConforming };
  }
  if (crl.nextUpdate === undefined) {
    return { problem: 'crl-not-conforming', detail: 'does not say when the next one comes' };
  }
  if (second < crl.thisUpdate) {
    return { problem: 'crl-not-yet-valid', detail: new Date(crl.thisUpdate).toISOString() };
  }
  if (second > crl.nextUpdate) {
    return { problem: 'crl-expired', detail: new Date(crl.nextUpdate).toISOString() };
  }
  return isAlgorithmAllowed(crl.signed, policy)
    ? undefined
    : { problem: 'crl-signature-invalid', detail: '' };
}

/** The issuer's own key, or another certificate of the same name that chains up to the same anchor (6.3.3 f). */
function checkSigner(crl: Crl, own: Issuer, sources: RevocationSources, budget: Budget): Finding | undefined {
  if (budget.isSignedBy(crl.signed, own.key)) {
    return mayIssueCrls(own.issuer)
      ? undefined
      : { problem: 'crl-issuer-untrusted', detail: "its issuer's keyUsage has no cRLSign" };
  }
  const signers = sources.signers.filter(
    (signer) =>
      signer !== own.issuer &&
      signer.subject.key === crl.issuer.key &&
      mayIssueCrls(signer) &&
      budget.isSignedBy(crl.signed, signer.key),
  );
  if (signers.length === 0) return { problem: 'crl-signature-invalid', detail: '' };
  if (signers.some(sources.isTrusted)) return undefined;
  return { problem: 'crl-issuer-untrusted', detail: 'the certificate of its signer is not trusted' };
}

const mayIssueCrls = ({ extensions }: X509): boolean => extensions.keyUsage?.has('cRLSign') ?? true;
