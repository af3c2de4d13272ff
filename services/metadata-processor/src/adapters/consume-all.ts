import type { Bus } from '@sealtrack/bus/bus';
import { type ConsumeOptions, consumeEvents } from '@sealtrack/bus/consume';
import { untilStream } from '@sealtrack/bus/until-stream';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { STREAMS, SUBJECTS } from '@sealtrack/contracts/subjects';
import type { Log } from '@sealtrack/service-kit/logger';
import type { Counter } from '@sealtrack/service-kit/metrics';
import type { Config } from '../config.ts';
import type { AccessIndex, Announcer, Clock, FailureIndex, RecordingIndex } from '../ports.ts';
import { createRecordExport, createRecordPlay } from '../record-access.ts';
import { createRecordEncrypted } from '../record-encrypted.ts';
import { createRecordGivenUp } from '../record-given-up.ts';
import { createRecordKeptInClear } from '../record-kept-in-clear.ts';
import { createRecordRewrapped } from '../record-rewrapped.ts';

/** While Redis is away events are held, however long; this is for what is wrong with an event itself. */
const BACKOFF_MS = [500, 2_000, 10_000, 30_000];
/** Far fewer than the accesses that are kept of a recording: redis-accesses.ts tells by those what it has seen. */
const MOST_ACCESSES = 16;

export interface Consumed {
  readonly index: RecordingIndex;
  readonly failures: FailureIndex;
  readonly accesses: AccessIndex;
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly indexed: Counter;
  readonly config: Pick<Config, 'eventConcurrency' | 'eventAckWaitMs'>;
  readonly log: Log;
  readonly signal: AbortSignal;
}

type Consumer<T> = Pick<ConsumeOptions<T>, 'durable' | 'filter' | 'kind' | 'handle'>;

/** Everything that the index is made of; resolves when the signal aborted and what was in flight is done. */
export async function consumeAll(bus: Bus, parts: Consumed): Promise<void> {
  const { index, failures, accesses, announcer, clock, indexed, config, log, signal } = parts;
  const common = {
    ...{ maxDeliver: BACKOFF_MS.length + 1, backoffMs: BACKOFF_MS, ackWaitMs: config.eventAckWaitMs },
    ...{ signal, log },
  };
  const fromEvents = <T>(consumer: Consumer<T>): Promise<void> =>
    consumeEvents(bus, {
      ...{ ...common, ...consumer },
      ...{ stream: STREAMS.events, concurrency: config.eventConcurrency },
    });
  const fromAudit = async <T>(consumer: Consumer<T>): Promise<void> => {
    // The first crypto server makes it; a system may have none for as long as it likes.
    if (!(await untilStream(bus, STREAMS.audit, signal))) return;
    const concurrency = Math.min(config.eventConcurrency, MOST_ACCESSES);
    await consumeEvents(bus, { ...common, ...consumer, stream: STREAMS.audit, concurrency });
  };
  // A consumer each, since before nats-server 2.10 one has a single filter: so they come in any order.
  await Promise.all([
    fromEvents({
      durable: 'metadata-processor',
      filter: SUBJECTS.anyTenantEvent('recording', 'encrypted'),
      kind: EVENT_KINDS.recordingEncrypted,
      handle: createRecordEncrypted(index, announcer, clock, indexed),
    }),
    fromEvents({
      durable: 'metadata-processor-kept-in-clear',
      filter: SUBJECTS.anyTenantEvent('recording', 'kept-in-clear'),
      kind: EVENT_KINDS.recordingKeptInClear,
      handle: createRecordKeptInClear(index, announcer, clock, indexed),
    }),
    fromEvents({
      durable: 'metadata-processor-rewrapped',
      filter: SUBJECTS.anyTenantEvent('recording', 'rewrapped'),
      kind: EVENT_KINDS.recordingRewrapped,
      handle: createRecordRewrapped(index, clock, indexed),
    }),
    fromEvents({
      durable: 'metadata-processor-given-up',
      filter: SUBJECTS.anyTenantEvent('capture', 'dead-lettered'),
      kind: EVENT_KINDS.captureDeadLettered,
      handle: createRecordGivenUp(failures, clock),
    }),
    fromAudit({
      durable: 'metadata-processor-plays',
      filter: SUBJECTS.anyTenantAudit('media-decrypt'),
      kind: EVENT_KINDS.mediaDecryptRequested,
      handle: createRecordPlay(accesses, log),
    }),
    fromAudit({
      durable: 'metadata-processor-exports',
      filter: SUBJECTS.anyTenantAudit('media-export'),
      kind: EVENT_KINDS.mediaExportRequested,
      handle: createRecordExport(accesses, log),
    }),
  ]);
}
