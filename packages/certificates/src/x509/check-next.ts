import { distinguishedName } from '../distinguished-name.ts';
import type { Budget } from './budget.ts';
import { checkCertificate, checkDates, checkIssuer, type Finding } from './check-certificate.ts';
import type { Path, Question } from './find-path.ts';
import { isSelfIssued, type X509 } from './parse-x509.ts';
import { inheritsParameters, isAlgorithmAllowed } from './signature.ts';

/** What keeps a CA from being the next in a path. What is cheap comes first. */
export function checkNext(
  issuer: X509,
  path: Path,
  isAnchor: boolean,
  { policy, at, budget }: Question,
): (Finding & { about?: X509 }) | undefined {
  const [target, ...between] = path;
  const current = path[path.length - 1];
  if (target === undefined || current === undefined) return undefined;
  const casBelow = between.filter((each) => !isSelfIssued(each)).length;
  const intermediates = casBelow + (isAnchor || isSelfIssued(issuer) ? 0 : 1);
  if (intermediates > policy.maxIntermediates || path.length > MAX_PATH) {
    return { problem: 'chain-too-long', detail: `more than ${policy.maxIntermediates}`, about: target };
  }
  const found =
    checkIssuer(issuer, policy, casBelow, isAnchor) ??
    checkCertificate(issuer, policy, isAnchor) ??
    checkDates(issuer, at) ??
    checkNames(issuer, path, budget);
  if (found !== undefined) return found;
  if (!isAlgorithmAllowed(current.signed, policy)) {
    return { problem: 'signature-algorithm-refused', detail: '', about: current };
  }
  // With the group of a key that is not known yet: checkPath does it, from the anchor down.
  if (inheritsParameters(issuer.key) || budget.isSignedBy(current.signed, issuer.key)) return undefined;
  return { problem: 'signature-invalid', detail: distinguishedName(issuer.subject.der) };
}

/** In certificates, those with that a CA issued to itself counted too. */
const MAX_PATH = 20;

/** 6.1.3 (b) and (c): all certificates below it, but for those a CA issued to itself on the way. */
function checkNames({ extensions }: X509, path: Path, budget: Budget) {
  const constraints = extensions.nameConstraints;
  if (constraints === undefined) return undefined;
  for (const [i, below] of path.entries()) {
    if (i > 0 && isSelfIssued(below)) continue;
    const name = budget.findForbidden(constraints, below);
    if (name !== undefined) return { problem: 'name-forbidden', detail: name, about: below } as const;
  }
  return undefined;
}
