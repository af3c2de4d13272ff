import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus } from '@sealtrack/bus/bus';
import { tailEvents } from '@sealtrack/bus/tail';
import { SUBJECTS } from '@sealtrack/contracts/subjects';

export interface EventLog extends AsyncDisposable {
  /** Resolves when this many events of the subject were written, or after `timeoutMs`. */
  caughtUp(subject: string, count: number, timeoutMs: number): Promise<void>;
  count(): number;
}

/** Writes every event from now on to the file, one JSON object a line, headers included. */
export async function openEventLog(bus: Bus, path: string): Promise<EventLog> {
  const closing = new AbortController();
  const file = await open(path, 'wx', 0o600);
  const counts = new Map<string, number>();
  let total = 0;
  const events = tailEvents(bus, { subject: SUBJECTS.allEvents, from: 'new', signal: closing.signal });
  const writing = (async () => {
    for await (const { subject, sequence, time, headers, body } of events) {
      await file.write(`${JSON.stringify({ subject, sequence, time, headers, data: JSON.parse(body) })}\n`);
      counts.set(subject, (counts.get(subject) ?? 0) + 1);
      total += 1;
    }
  })();
  writing.catch(() => {});
  await events.ready;
  return {
    count: () => total,
    caughtUp: async (subject, count, timeoutMs) => {
      const deadline = performance.now() + timeoutMs;
      while ((counts.get(subject) ?? 0) < count && performance.now() < deadline) await sleep(10);
    },
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await writing.finally(() => file.close());
    },
  };
}
