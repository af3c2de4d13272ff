import type { Chain, Gap } from './chain-state.ts';
import { sayChanged } from './place-record.ts';
import { chainText, type Place, type Problems, recordsText } from './problems.ts';

/**
 * Says what of a chain is missing, and what stands elsewhere; nothing of what was in doubt when the chain was given up: that may
 * be there or not.
 */
export function closeGaps(chain: Chain, problems: Problems): void {
  for (const gap of chain.gaps) closeGap(chain, gap, problems);
  chain.gaps = [];
}

function closeGap(chain: Chain, gap: Gap, problems: Problems): void {
  const explained: number[] = [];
  for (const [number, { hash, place }] of gap.late) {
    explained.push(number);
    if (chain.doubts.get(number)?.hash === hash) continue;
    const text = `Record ${number} of ${chainText(chain.chain)} stands behind later ones`;
    problems.add('moved', place, text, { chain: chain.chain, records: [number, number] });
  }
  for (const number of chain.doubts.keys())
    if (gap.from <= number && number <= gap.to && !gap.late.has(number)) explained.push(number);
  explained.sort((one, other) => one - other);
  let from = gap.from;
  for (const number of [...explained, gap.to + 1]) {
    if (from < number) sayMissing(chain, from, number - 1, gap.place, problems);
    from = number + 1;
  }
  checkLinks(chain, gap, problems);
  for (const number of gap.late.keys()) chain.doubts.delete(number);
}

/** What was in the gap has to go on from the record in front of it, and the record behind it from that. */
function checkLinks(
  chain: Chain,
  { from, to, before, lastHash, late, place }: Gap,
  problems: Problems,
): void {
  const previous = chain.doubts.get(from)?.previous;
  if (before !== undefined && previous !== undefined && previous !== before.hash)
    sayChanged(chain, from - 1, before, problems);
  const head = late.get(to);
  const hash = head?.hash ?? chain.doubts.get(to)?.hash;
  if (hash === undefined || lastHash === undefined || hash === lastHash) return;
  if (head === undefined) sayChanged(chain, to + 1, { place }, problems);
  else sayChanged(chain, to, head, problems);
}

function sayMissing(chain: Chain, from: number, to: number, place: Place, problems: Problems): void {
  const [first = '', ...rest] = recordsText(from, to);
  const text = `${first.toUpperCase()}${rest.join('')} of ${chainText(chain.chain)} ${from === to ? 'is' : 'are'} missing`;
  problems.add('removed', place, text, { chain: chain.chain, records: [from, to] });
}
