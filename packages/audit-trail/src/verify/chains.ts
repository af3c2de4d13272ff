import type { AuditMark } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit_chain';
import { type Chain, openedChain } from './chain-state.ts';
import { sayChanged } from './place-record.ts';
import { chainText, type Place, type Problems } from './problems.ts';

/** All chains of a log, and what they say of each other. */
export interface Chains {
  get(chain: string): Chain | undefined;
  /** One that somebody has seen: that it is missing is said, once. */
  find(chain: string, place: Place): Chain | undefined;
  open(chain: string, first: number, place: Place): Chain;
  /** An opening or a checkpoint was here. */
  note(chain: string, number: number, hash: string, place: Place): void;
  /** What an opening or a checkpoint says was there before it. Numbers that no record has are the caller's to refuse. */
  expect(mark: AuditMark, place: Place): void;
  all(): Iterable<Chain>;
}

/** So many marks back they are compared; further back, that the chain has no gap there is enough. */
const MOST_MARKS = 4_096;
/**
 * Openings and checkpoints name the newest one there is. So for this long after the first of a log that begins in the middle one may
 * name what was before the log; after that, all that is named is in it. It is longer than making one takes.
 */
const BEGINNING_MS = 60_000;

export function createChains(problems: Problems, beginsInMiddle: () => boolean): Chains {
  const chains = new Map<string, Chain>();
  const marks = new Map<string, { readonly hash: string; readonly place: Place }>();
  const gone = new Set<string>();
  let firstMark: Date | undefined;
  const isBeginning = (place: Place): boolean =>
    beginsInMiddle() &&
    (firstMark === undefined || place.time.getTime() - firstMark.getTime() < BEGINNING_MS);
  const find = (chain: string, place: Place): Chain | undefined => {
    const found = chains.get(chain);
    if (found !== undefined || gone.has(chain) || isBeginning(place)) return found;
    gone.add(chain);
    const text = `All of ${chainText(chain)} is missing, which others have seen`;
    problems.add('chain-removed', place, text, { chain });
    return undefined;
  };
  return {
    get: (chain) => chains.get(chain),
    find,
    open(chain, first, place) {
      const opened = openedChain(chain, first, place);
      chains.set(chain, opened);
      return opened;
    },
    note(chain, number, hash, place) {
      firstMark ??= place.time;
      marks.set(keyOf(chain, number), { hash, place });
      if (marks.size <= MOST_MARKS) return;
      const [oldest = ''] = marks.keys();
      marks.delete(oldest);
    },
    expect(mark, place) {
      const number = Number(mark.sequence);
      const chain = find(mark.chain, place);
      if (chain === undefined) return;
      // Something else may have been put in its place, at the end of a chain, where no checkpoint is behind it.
      const seen = marks.get(keyOf(mark.chain, number)) ?? chain.recent.get(number);
      if (seen !== undefined && seen.hash !== mark.hash) sayChanged(chain, number, seen, problems);
      if (number < chain.first && !isBeginning(place)) sayCut(chain, number, place, problems);
      if (number > Math.max(chain.last, chain.witnessed?.number ?? 0)) chain.witnessed = { number, place };
    },
    all: () => chains.values(),
  };
}

const keyOf = (chain: string, number: number): string => `${chain}.${number}`;

function sayCut(chain: Chain, number: number, place: Place, problems: Problems): void {
  const text = `Record ${number} of ${chainText(chain.chain)} is missing, which others have seen`;
  problems.add('removed', place, text, { chain: chain.chain, records: [number, number] });
}
