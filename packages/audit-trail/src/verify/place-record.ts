import type { Position } from '../record.ts';
import type { Chain, Head } from './chain-state.ts';
import { chainText, type Problems } from './problems.ts';

/** What a checkpoint covers is never further back than this: more is not kept. */
const MOST_RECENT = 4_096;

/**
 * Puts a record where it belongs in its chain, and says what is wrong with it. True when the chain goes on with it: what it says
 * counts then.
 */
export function placeRecord(chain: Chain, position: Position, head: Head, problems: Problems): boolean {
  const { sequence } = position;
  if (sequence <= chain.last) {
    placeLate(chain, sequence, head, problems);
    return false;
  }
  if (chain.end !== undefined && !isDoubt(chain, sequence, head)) {
    const why = chain.end === 'closed' ? 'had been closed' : 'had been given up';
    problems.add('inserted', head.place, `Record ${sequence} is of ${chainText(chain.chain)}, which ${why}`, {
      ...of(chain, sequence),
    });
    return false;
  }
  if (sequence > chain.last + 1) openGap(chain, position, head, problems);
  else goOn(chain, position.previous, problems);
  chain.last = sequence;
  chain.heads = [head];
  chain.newest = head.place;
  if (chain.end !== undefined) return false;
  remember(chain, sequence, head);
  return true;
}

const of = (chain: Chain, from: number, to = from) => ({
  chain: chain.chain,
  records: [from, to] as const,
});

const isDoubt = (chain: Chain, number: number, { hash }: Head): boolean => {
  if (chain.doubts.get(number)?.hash !== hash) return false;
  chain.doubts.delete(number);
  return true;
};

function remember(chain: Chain, number: number, head: Head): void {
  chain.recent.set(number, head);
  if (!head.isMark) chain.uncovered += 1;
  if (chain.recent.size <= MOST_RECENT) return;
  const [oldest = 0] = chain.recent.keys();
  chain.recent.delete(oldest);
}

/** Of a number that was passed already. */
function placeLate(chain: Chain, number: number, head: Head, problems: Problems): void {
  if (isDoubt(chain, number, head)) return;
  const gap = chain.gaps.find(({ from, to }) => from <= number && number <= to);
  if (gap !== undefined && !gap.late.has(number)) {
    gap.late.set(number, head);
    return;
  }
  if (number < chain.first) {
    const text = `Record ${number} of ${chainText(chain.chain)} stands behind later ones`;
    problems.add('moved', head.place, text, of(chain, number));
    return;
  }
  const isHead = number === chain.last;
  const isSame = isHead
    ? chain.heads.some(({ hash }) => hash === head.hash)
    : chain.recent.get(number)?.hash === head.hash;
  // Which of two that differ is the record, the next one says.
  if (isHead && !isSame && chain.end === undefined) chain.heads.push(head);
  else sayRepeated(chain, number, head, isSame, problems);
}

export function sayRepeated(
  chain: Chain,
  number: number,
  { place }: Head,
  isSame: boolean,
  problems: Problems,
): void {
  const what = isSame ? 'is there once more' : 'is there already, and this is another one';
  const text = `Record ${number} of ${chainText(chain.chain)} ${what}`;
  problems.add('repeated', place, text, of(chain, number));
}

/** The record with the next number. */
function goOn(chain: Chain, previous: string, problems: Problems): void {
  const { heads, last } = chain;
  const [one] = heads;
  if (one === undefined) return;
  const from = heads.find(({ hash }) => hash === previous);
  for (const other of heads) if (other !== (from ?? one)) sayRepeated(chain, last, other, false, problems);
  if (chain.recent.has(last)) chain.recent.set(last, from ?? one);
  if (from !== undefined) {
    settleSuspect(chain, 'before', problems);
    return;
  }
  if (chain.suspect !== undefined) settleSuspect(chain, 'last', problems);
  else if (chain.changed !== last) chain.suspect = { before: one, number: last };
}

/** Says that one of the two was changed, once it is known which. */
export function settleSuspect(chain: Chain, which: 'before' | 'last' | 'unknown', problems: Problems): void {
  const { suspect, heads } = chain;
  if (suspect === undefined) return;
  chain.suspect = undefined;
  const { number, before } = suspect;
  if (which === 'last') sayChanged(chain, number + 1, heads[0] ?? before, problems);
  else sayChanged(chain, number, before, problems, which === 'unknown' ? ', or the one after it' : '');
}

export function sayChanged(
  chain: Chain,
  number: number,
  { place }: Pick<Head, 'place'>,
  problems: Problems,
  more = '',
): void {
  if (chain.changed === number) return;
  chain.changed = number;
  const text = `Record ${number} of ${chainText(chain.chain)}${more} was changed`;
  problems.add('changed', place, text, of(chain, number));
}

function openGap(chain: Chain, { sequence, previous }: Position, { place }: Head, problems: Problems): void {
  closeHeads(chain, problems);
  chain.gaps.push({
    ...{ from: chain.last + 1, to: sequence - 1, lastHash: previous },
    ...{ place, before: chain.heads[0], late: new Map() },
  });
}

/** Nothing will say any more which of several is the one. */
export function closeHeads(chain: Chain, problems: Problems): void {
  for (const other of chain.heads.slice(1)) sayRepeated(chain, chain.last, other, false, problems);
  chain.heads = chain.heads.slice(0, 1);
  settleSuspect(chain, 'unknown', problems);
}
