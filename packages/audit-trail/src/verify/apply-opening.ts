import type {
  AuditChainGivenUp,
  AuditChainOpened,
} from '@sealtrack/contracts/gen/sealtrack/events/v1/audit_chain';
import type { Chain } from './chain-state.ts';
import type { Chains } from './chains.ts';
import { closeGaps } from './close-gaps.ts';
import { closeHeads, sayChanged, sayRepeated, settleSuspect } from './place-record.ts';
import { chainText, type Place, type Problems, recordsText } from './problems.ts';

/** What a process says of the chains that it had before. */
export function applyOpening(
  opened: AuditChainOpened,
  place: Place,
  chains: Chains,
  problems: Problems,
): void {
  if (opened.witness !== undefined) chains.expect(opened.witness, place);
  for (const givenUp of opened.givenUp) {
    const isAllInDoubt = givenUp.inDoubt.length === Number(givenUp.sequence);
    const known = isAllInDoubt ? chains.get(givenUp.chain) : chains.find(givenUp.chain, place);
    const chain = known ?? (isAllInDoubt ? chains.open(givenUp.chain, 1, place) : undefined);
    if (chain !== undefined) endGivenUp(chain, givenUp, place, problems);
  }
}

/** The chain had this many records, and no more: all of them are there, but for those in doubt. */
function endGivenUp(chain: Chain, givenUp: AuditChainGivenUp, place: Place, problems: Problems): void {
  // Said again after an opening of which nobody knows whether it is there.
  if (chain.end !== undefined) return;
  const sequence = Number(givenUp.sequence);
  chain.end = 'given-up';
  for (const { sequence: number, hash, previous } of givenUp.inDoubt)
    chain.doubts.set(Number(number), { hash, previous });
  if (chain.last <= sequence) settleEnd(chain, sequence, givenUp.hash, problems);
  else sayTooMany(chain, sequence, place, problems);
  if (chain.last < sequence)
    chain.gaps.push({
      ...{ from: chain.last + 1, to: sequence, lastHash: givenUp.hash },
      ...{ place, before: chain.heads[0], late: new Map() },
    });
  closeGaps(chain, problems);
  for (const [number, { hash }] of chain.recent)
    if (chain.doubts.get(number)?.hash === hash) chain.doubts.delete(number);
  chain.recent.clear();
  chain.covered = sequence;
  chain.uncovered = 0;
}

function settleEnd(chain: Chain, sequence: number, hash: string, problems: Problems): void {
  const [one] = chain.heads;
  if (chain.last < sequence || one === undefined) {
    closeHeads(chain, problems);
    return;
  }
  const last = chain.heads.find((head) => head.hash === hash);
  for (const other of chain.heads)
    if (other !== (last ?? one)) sayRepeated(chain, sequence, other, false, problems);
  chain.heads = [last ?? one];
  settleSuspect(chain, last === undefined ? 'last' : 'before', problems);
  if (last === undefined) sayChanged(chain, sequence, one, problems);
}

function sayTooMany(chain: Chain, sequence: number, place: Place, problems: Problems): void {
  closeHeads(chain, problems);
  const text = `${chainText(chain.chain)} was given up at ${sequence}: ${recordsText(sequence + 1, chain.last)} came in otherwise`;
  problems.add('inserted', place, `C${text.slice(1)}`, {
    chain: chain.chain,
    records: [sequence + 1, chain.last],
  });
}
