import { distinguishedName } from '../distinguished-name.ts';
import type { X509 } from './parse-x509.ts';
import type { ChainFailure, ChainProblem } from './problems.ts';

/** From the least. That nothing leads on is seen at every end, and a wrong signature on every CA of the same name. */
const TELLING_LITTLE: readonly ChainProblem[] = [
  'issuer-unknown',
  'signature-invalid',
  'chain-too-long',
  'root-untrusted',
];

const rank = ({ problem }: ChainFailure): number => {
  const at = TELLING_LITTLE.indexOf(problem);
  return at === -1 ? TELLING_LITTLE.length : at;
};

/** A search fails in many places; of what went wrong in them people want the one thing that they can put right. */
export function createWorst() {
  let worst: ChainFailure | undefined;
  let depth = 0;
  return {
    add(failure: ChainFailure, at: number): void {
      const better = worst === undefined ? 1 : rank(failure) - rank(worst);
      if (better < 0 || (better === 0 && at <= depth)) return;
      worst = failure;
      depth = at;
    },
    of(target: X509, spent: ChainProblem | undefined): ChainFailure {
      const isTelling = worst !== undefined && rank(worst) === TELLING_LITTLE.length;
      if (worst !== undefined && (isTelling || spent === undefined)) return worst;
      const subject = distinguishedName(target.subject.der);
      return { problem: spent ?? 'issuer-unknown', subject, detail: distinguishedName(target.issuer.der) };
    },
  };
}
