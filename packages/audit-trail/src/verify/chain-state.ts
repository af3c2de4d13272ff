import type { Place } from './problems.ts';

/** A record that stands at the end of its chain, for now. */
export interface Head {
  readonly hash: string;
  readonly place: Place;
  /** Whether it is an opening or a checkpoint. */
  readonly isMark: boolean;
}

/** Records that are not there where they should be. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  /** The record in front of it. */
  readonly before: Head | undefined;
  /** The hash that the record behind it says the last of them had; undefined when none says. */
  readonly lastHash: string | undefined;
  /** Of the record behind it. */
  readonly place: Place;
  /** Those that came after all, by number. */
  readonly late: Map<number, Head>;
}

/** What is known of a chain: as much as its end needs, and what is wrong with it. */
export interface Chain {
  readonly chain: string;
  /** 1, unless the log begins in the middle of it. */
  readonly first: number;
  /** The newest number. */
  last: number;
  /** The record of that number; several when somebody has slipped others in, until the next one says which it goes on from. */
  heads: Head[];
  /** `last` does not go on from the record before: one of the two was changed, and the next one says which. */
  suspect: { readonly before: Head; readonly number: number } | undefined;
  /** The newest number that was found changed, so that it is said once. */
  changed: number;
  gaps: Gap[];
  /** The records that no checkpoint vouches for yet, by number. */
  readonly recent: Map<number, Head>;
  /** Up to which a checkpoint, or the opening that follows, vouches. */
  covered: number;
  /** Records after that, other than checkpoints. */
  uncovered: number;
  end: 'closed' | 'given-up' | undefined;
  /** Of a chain that was given up: what may still come, by number. */
  doubts: Map<number, { readonly hash: string; readonly previous: string }>;
  /** The newest number that another chain has seen. */
  witnessed: { readonly number: number; readonly place: Place } | undefined;
  newest: Place;
}

export const openedChain = (chain: string, first: number, place: Place): Chain => ({
  ...{
    chain,
    first,
    last: first - 1,
    heads: [],
    suspect: undefined,
    changed: 0,
    gaps: [],
    recent: new Map(),
  },
  ...{ covered: 0, uncovered: 0, end: undefined, doubts: new Map(), witnessed: undefined },
  newest: place,
});
