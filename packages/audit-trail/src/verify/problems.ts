export type ProblemKind =
  /** It is not what the records around it, or a checkpoint, say it was. */
  | 'changed'
  | 'removed'
  /** It stands elsewhere than it was written. */
  | 'moved'
  /** A second record under the number of another one. */
  | 'repeated'
  /** In a chain that had ended, or that nobody opened. */
  | 'inserted'
  | 'malformed'
  /** In no chain, although there were chains already. */
  | 'unchained'
  | 'chain-removed'
  /** A checkpoint or an opening that is not of this place or not of this record. */
  | 'forged'
  | 'unsigned'
  /** Signed by somebody who is not believed, or is none of the servers that write records. */
  | 'untrusted';

export interface Problem {
  readonly kind: ProblemKind;
  readonly chain?: string;
  /** Which records of the chain: from the first to the last of them. */
  readonly records?: readonly [from: number, to: number];
  /** Where it shows: the number of a record on the stream. */
  readonly sequence: number;
  readonly time: Date;
  /** A sentence without its full stop. */
  readonly text: string;
}

/** Where something shows. */
export interface Place {
  readonly sequence: number;
  readonly time: Date;
}

export interface Problems {
  add(kind: ProblemKind, place: Place, text: string, of?: Pick<Problem, 'chain' | 'records'>): void;
  /** All that were found, also those that are not in the list. */
  count(): number;
  list(): Problem[];
}

/** A log that is wrong from end to end must not fill the memory of whoever looks at it. */
const MOST = 1_000;

export function createProblems(): Problems {
  const found: Problem[] = [];
  let count = 0;
  return {
    add(kind, { sequence, time }, text, of = {}) {
      count += 1;
      if (found.length < MOST) found.push({ kind, ...of, sequence, time, text });
    },
    count: () => count,
    list: () => found.toSorted((one, other) => one.sequence - other.sequence),
  };
}

export const recordsText = (from: number, to: number): string =>
  from === to ? `record ${from}` : `records ${from} to ${to}`;

/** Enough to tell chains apart by. */
export const chainText = (chain: string): string => `chain ${chain.slice(0, 8)}`;
