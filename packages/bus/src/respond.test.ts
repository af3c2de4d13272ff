import { expect, test, vi } from 'vitest';
import type { Bus } from './bus.ts';
import { SILENT } from './bus.ts';
import { createResponder } from './respond.ts';

/** A broker that refuses all but some subjects, at the next flush as a broker does. */
function brokerWith(permitted: Set<string>) {
  const heard = new Set<string>();
  const refusals: (() => void)[] = [];
  const connection = {
    subscribe(subject: string, { callback }: { callback(error: Error): void }) {
      if (permitted.has(subject)) heard.add(subject);
      else refusals.push(() => callback(new Error('not permitted')));
      return { drain: async () => {}, unsubscribe() {} };
    },
    flush: async () => {
      for (const refuse of refusals.splice(0)) refuse();
    },
  };
  const bus = { connected: () => true, link: { connection, log: SILENT } } as unknown as Bus;
  return { bus, heard, flush: connection.flush };
}

test('a subject that stays forbidden keeps none from being listened to that is permitted later', async () => {
  const now = vi.spyOn(performance, 'now').mockReturnValue(1);
  try {
    const permitted = new Set(['one']);
    const { bus, heard, flush } = brokerWith(permitted);
    await using responder = createResponder(bus, {
      ...{ queue: 'q', maxInFlight: 1, maxBytes: 1 },
      handle: async () => undefined,
    });
    const subjects = new Set(['never', 'one', 'later']);
    responder.listenTo(subjects);
    await flush();
    expect([...heard]).toEqual(['one']);
    permitted.add('later');
    for (let look = 1; look <= 2; look += 1) {
      now.mockReturnValue(look * 20_000);
      responder.listenTo(subjects);
      await flush();
    }
    expect([...heard]).toEqual(['one', 'later']);
  } finally {
    now.mockRestore();
  }
});
