import { createStreamSlots } from '@sealtrack/media-http/domain/stream-slots';
import type { Person } from '../person.ts';

/** How many streams each person has, and all have together. */
export interface PersonSlots {
  /** One more, until it is disposed. @throws AppError TOO_MANY_CALLS. */
  take(person: Person): Disposable;
}

export interface SlotLimits {
  readonly ofOne: number;
  readonly ofAll: number;
  /** "streams", for whoever is told that there are too many. */
  readonly what: string;
}

export function createPersonSlots({ ofOne, ofAll, what }: SlotLimits): PersonSlots {
  const own = createStreamSlots(ofOne, {
    message: `You have ${ofOne} ${what} open already`,
    fix: 'Close a page of the console in another window.',
  });
  const all = createStreamSlots(ofAll, {
    message: `The console has as many ${what} open as it may have`,
    fix: 'Wait until others have closed theirs, or run another console.',
  });
  return {
    take({ names }) {
      using stack = new DisposableStack();
      stack.defer(own.take(names.join(' ')));
      stack.defer(all.take(''));
      const held = stack.move();
      return { [Symbol.dispose]: () => held.dispose() };
    },
  };
}
