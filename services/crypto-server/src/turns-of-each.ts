import type { Turns } from '@sealtrack/envelope/turns';

/** Does the work when it is the turn of this one of those with the same id. Throws as Turns.take, and as the work. */
export type InTurn = <Result>(
  id: string,
  signal: AbortSignal,
  work: () => Promise<Result>,
) => Promise<Result>;

/** Turns of its own for each id, so that nobody waits for what another's work waits for. Kept while somebody has or wants one. */
export function createTurnsOfEach(create: () => Pick<Turns, 'take' | 'leave'>): InTurn {
  const all = new Map<string, { readonly turns: Pick<Turns, 'take' | 'leave'>; users: number }>();

  return async (id, signal, work) => {
    const of = all.get(id) ?? { turns: create(), users: 0 };
    all.set(id, of);
    of.users += 1;
    try {
      await of.turns.take(1, signal);
      try {
        return await work();
      } finally {
        of.turns.leave(1);
      }
    } finally {
      of.users -= 1;
      if (of.users === 0) all.delete(id);
    }
  };
}
