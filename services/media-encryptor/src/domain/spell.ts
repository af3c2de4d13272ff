/** A stretch of time in which none of some moments passes, in milliseconds: from `from` on, and before `until`. */
export interface Spell {
  readonly from: number;
  readonly until: number;
}

export const isWithin = (at: number, { from, until }: Spell): boolean => at >= from && at < until;

/** When something begins to be valid and when it is no more: to the end of its last second (RFC 5280, 4.1.2.5). */
export const turnsOf = (first: number, last: number): readonly number[] => [first, last + 1000];

/** The one around `at`; of a time that is none, one that nothing is within. */
export function spellAround(at: number, turns: Iterable<number>): Spell {
  if (Number.isNaN(at)) return { from: Number.NaN, until: Number.NaN };
  let from = Number.NEGATIVE_INFINITY;
  let until = Number.POSITIVE_INFINITY;
  for (const turn of turns) {
    if (turn <= at) from = Math.max(from, turn);
    else until = Math.min(until, turn);
  }
  return { from, until };
}
