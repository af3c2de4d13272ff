import type { Chain } from './chain-state.ts';
import type { Judged } from './judge-statement.ts';
import { chainText, type Place, type Problems } from './problems.ts';
import type { Signatures } from './report.ts';

export interface SignatureCount {
  /** Whether what the record says counts: what nobody signed does until the first that somebody has. */
  count(judged: Judged, chain: Chain, number: number, place: Place): boolean;
  /** After the last one. */
  finish(to: Place): void;
  report(): Signatures;
}

/** A system may have been in plaintext before: what is not signed is wrong from the first signature on. */
export function createSignatures(judged: boolean, problems: Problems): SignatureCount {
  const signers: Record<string, number> = {};
  let unsigned = 0;
  let isSigned = false;
  return {
    count(one, { chain }, number, place) {
      if (one === 'not-judged') {
        unsigned += 1;
        return true;
      }
      if ('signedBy' in one) {
        isSigned = true;
        signers[one.signedBy] = (signers[one.signedBy] ?? 0) + 1;
        return true;
      }
      if (one.refused === 'unsigned' && !isSigned) {
        unsigned += 1;
        return true;
      }
      const what = number === 1 ? 'The opening' : `The checkpoint in record ${number}`;
      problems.add(one.refused, place, `${what} of ${chainText(chain)} ${one.why}`, {
        chain,
        records: [number, number],
      });
      return false;
    },
    finish(to) {
      if (judged && unsigned > 0 && !isSigned)
        problems.add(
          'unsigned',
          to,
          'Nobody has signed anything: whoever can write the log can have written all of it',
        );
    },
    report: () => ({ judged, signers, unsigned }),
  };
}
