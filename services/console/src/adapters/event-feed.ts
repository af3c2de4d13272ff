import type { Bus } from '@sealtrack/bus/bus';
import { followStream } from '@sealtrack/bus/follow-stream';
import type { ReadMessage } from '@sealtrack/bus/reader';
import { STREAMS, SUBJECTS } from '@sealtrack/contracts/subjects';
import type { Log } from '@sealtrack/service-kit/logger';
import type { LiveEvent } from '../api/live.ts';
import { readEventSubject } from '../domain/event-subject.ts';
import { readPayload } from '../domain/read-payload.ts';
import type { FedEvent } from '../fed-event.ts';
import type { LiveHub } from '../live-hub.ts';
import type { LiveMetrics } from './live-metrics.ts';
import { traceIdOf } from './trace-id.ts';

export interface EventFeedDeps {
  readonly bus: Bus;
  readonly hub: Pick<LiveHub, 'take' | 'gap'>;
  readonly metrics: Pick<LiveMetrics, 'fed' | 'gap'>;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** More than a page shows, or a person reads. */
const SHOWN_BYTES = 16 * 1024;
/** Some seconds of a busy system. After a longer outage what is new is shown, and pages are read anew. */
const MOST_BEHIND = 10_000;

/** The one reader of the events in this process, until the signal aborts. Errors: BUS_UNAVAILABLE when the bus is disposed. */
export function feedEvents({ bus, hub, metrics, log, signal }: EventFeedDeps): Promise<void> {
  return followStream(bus, {
    ...{ stream: STREAMS.events, subject: SUBJECTS.allEvents, mostBehind: MOST_BEHIND, signal },
    onInPlace(hasMissed) {
      log.info({ stream: STREAMS.events, hasMissed }, 'events are followed');
      if (!hasMissed) return;
      metrics.gap();
      hub.gap();
    },
    onMessages(messages) {
      metrics.fed(messages.length);
      for (const message of messages) {
        const event = toFedEvent(message);
        if (event !== undefined) hub.take(event);
      }
    },
  });
}

/** Undefined of a subject that has no tenant. */
function toFedEvent(message: ReadMessage): FedEvent | undefined {
  const subject = readEventSubject(message.subject);
  if (subject === undefined) return undefined;
  const body = once(() => readPayload(message.body, SHOWN_BYTES));
  const shown = once((): LiveEvent => {
    const headers = message.repeatedHeaders();
    return {
      id: headers['ce-id'] ?? String(message.sequence),
      kind: subject.kind,
      at: headers['ce-time'] ?? message.time.toISOString(),
      source: headers['ce-source'] ?? '',
      traceId: traceIdOf(headers.traceparent),
      payload: body(),
    };
  });
  const searchable = once(() => {
    const { id, source, traceId } = shown();
    const text = Buffer.from(message.body).toString();
    return [subject.kind, id, source, traceId ?? '', text].join('\n').toLowerCase();
  });
  return { ...subject, body, shown, searchable };
}

function once<T>(work: () => T): () => T {
  let done: { readonly value: T } | undefined;
  return () => {
    done ??= { value: work() };
    return done.value;
  };
}
