import { type TailedEvent, tailEvents } from '@sealtrack/bus/tail';
import type { EventKind } from '@sealtrack/contracts/event-kinds';
import type { Doors } from '@sealtrack/launcher/demo/doors';
import { until } from './until.ts';

export interface EventWatch extends AsyncDisposable {
  /** All so far, in order. */
  readonly seen: readonly TailedEvent[];
  /** The body of the first event of this kind that fits, seen already or still to come. */
  first<T>(kind: EventKind<T>, fits: (data: T) => boolean): Promise<T>;
  /** The bodies of all so far of this kind. */
  all<T>(kind: EventKind<T>): T[];
}

/** Follows `events.>`, or another subject, from now on or from the start. */
export async function watchEvents(
  { bus, audit }: Doors,
  subject = 'events.>',
  from: 'new' | 'start' = 'new',
): Promise<EventWatch> {
  const closing = new AbortController();
  const tail = tailEvents(subject.startsWith('audit.') ? audit : bus, {
    subject,
    from,
    signal: closing.signal,
  });
  const seen: TailedEvent[] = [];
  const following = (async () => {
    for await (const event of tail) seen.push(event);
  })();
  following.catch(() => {});
  await tail.ready;
  const all = <T>(kind: EventKind<T>): T[] =>
    seen
      .filter(({ headers }) => headers['ce-type'] === kind.type)
      .map(({ body }) => kind.message.fromJSON(JSON.parse(body)));
  return {
    seen,
    all,
    first: (kind, fits) => until(`${kind.type} was said`, () => all(kind).find(fits)),
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await following;
    },
  };
}
