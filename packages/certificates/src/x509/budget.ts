import { showGeneralName } from './general-names.ts';
import { constraintWork, findForbidden, type NameConstraints } from './name-constraints.ts';
import type { Signed, X509 } from './parse-x509.ts';
import type { SubjectKey } from './public-key.ts';
import { isSignedBy, signatureCost } from './signature.ts';

/**
 * What one validation may cost: whoever gives a pile of certificates does not decide how long we look at it. What was found
 * once is remembered for as long as the certificate is, and counted all the same, so that a second try comes out like the
 * first.
 */
export interface Budget {
  /** False when there is nothing left; so `spent` has to be looked at before anything is believed. */
  isSignedBy(signed: Signed, key: SubjectKey): boolean;
  /** A name of the certificate that the CA may not issue for, in words. */
  findForbidden(constraints: NameConstraints, certificate: X509): string | undefined;
  /** Another certificate is looked at. */
  step(): void;
  /** What to say when there is nothing left, and undefined until then. */
  readonly spent: 'search-exhausted' | 'names-too-many' | undefined;
  readonly used: Readonly<Usage>;
}

export interface Usage {
  /** Certificates and CRLs that were looked at. */
  steps: number;
  /** Each as `signatureCost` has it. */
  signatures: number;
  /** Of a name with a constraint. */
  comparisons: number;
}

/** Real chains need 10 steps, 6 signatures and no comparisons. All of it spent takes some 30 ms. */
export const LIMITS: Readonly<Usage> = { steps: 1000, signatures: 128, comparisons: 2 ** 16 };

const signatures = new WeakMap<Signed, WeakMap<SubjectKey, boolean>>();
const forbidden = new WeakMap<NameConstraints, WeakMap<X509, string>>();

export function createBudget(): Budget {
  const used: Usage = { steps: 0, signatures: 0, comparisons: 0 };
  const counted = new Map<Signed, Set<SubjectKey>>();
  const spent = () => {
    if (used.comparisons > LIMITS.comparisons) return 'names-too-many';
    return used.steps > LIMITS.steps || used.signatures > LIMITS.signatures ? 'search-exhausted' : undefined;
  };
  return {
    isSignedBy(signed, key) {
      const keys = counted.get(signed) ?? new Set();
      if (!keys.has(key)) {
        used.signatures += signatureCost(key);
        counted.set(signed, keys.add(key));
      }
      return spent() === undefined && remembered(signatures, signed, key, () => isSignedBy(signed, key));
    },
    findForbidden(constraints, certificate) {
      used.comparisons += constraintWork(constraints, certificate.names);
      if (spent() !== undefined) return undefined;
      const found = remembered(forbidden, constraints, certificate, () => {
        const name = findForbidden(constraints, certificate.names);
        return name === undefined ? '' : showGeneralName(name);
      });
      return found === '' ? undefined : found;
    },
    step() {
      used.steps += 1;
    },
    get spent() {
      return spent();
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
