import { showGeneralName } from './general-names.ts';
import { constraintWork, findForbidden, type NameConstraints } from './name-constraints.ts';
import type { Signed, X509 } from './parse-x509.ts';
import type { SubjectKey } from './public-key.ts';
import { isSignedBy } from './signature.ts';

/**
 * What one validation may cost: whoever gives a pile of certificates does not decide how long we look at it. What was found
 * once is remembered for as long as the certificate is, and counted all the same, so that a second try comes out like the
 * first.
 */
export interface Budget {
  /** False as well when there is nothing left. */
  isSignedBy(signed: Signed, key: SubjectKey): boolean;
  /** A name of the certificate that the CA may not issue for, in words. */
  findForbidden(constraints: NameConstraints, certificate: X509): string | undefined;
  /** Another certificate is looked at. */
  step(): void;
  readonly isSpent: boolean;
  readonly used: Readonly<Usage>;
}

export interface Usage {
  steps: number;
  signatures: number;
  comparisons: number;
}

/** Real chains need 10 steps, 6 signatures and no comparisons. All of it spent takes some 50 ms. */
export const LIMITS: Readonly<Usage> = { steps: 2000, signatures: 64, comparisons: 2 ** 18 };

const signatures = new WeakMap<Signed, WeakMap<SubjectKey, boolean>>();
const forbidden = new WeakMap<NameConstraints, WeakMap<X509, string>>();

export function createBudget(): Budget {
  const used: Usage = { steps: 0, signatures: 0, comparisons: 0 };
  const counted = new Map<Signed, Set<SubjectKey>>();
  const isSpent = () =>
    used.steps > LIMITS.steps || used.signatures > LIMITS.signatures || used.comparisons > LIMITS.comparisons;
  return {
    isSignedBy(signed, key) {
      const keys = counted.get(signed) ?? new Set();
      if (!keys.has(key)) {
        used.signatures += 1;
        counted.set(signed, keys.add(key));
      }
      return !isSpent() && remembered(signatures, signed, key, () => isSignedBy(signed, key));
    },
    findForbidden(constraints, certificate) {
      used.comparisons += constraintWork(constraints, certificate.names);
      if (isSpent()) return undefined;
      const found = remembered(forbidden, constraints, certificate, () => {
        const name = findForbidden(constraints, certificate.names);
        return name === undefined ? '' : showGeneralName(name);
      });
      return found === '' ? undefined : found;
    },
    step() {
      used.steps += 1;
    },
    get isSpent() {
      return isSpent();
    },
    used,
  };
}

function remembered<A extends object, B extends object, R>(
  memory: WeakMap<A, WeakMap<B, R>>,
  a: A,
  b: B,
  find: () => R,
): R {
  let ofA = memory.get(a);
  if (ofA === undefined) {
    ofA = new WeakMap();
    memory.set(a, ofA);
  }
  let found = ofA.get(b);
  if (found === undefined) {
    found = find();
    ofA.set(b, found);
  }
  return found;
}
