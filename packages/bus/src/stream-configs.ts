import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { BUCKETS, STREAMS, SUBJECTS } from '@sealtrack/contracts/subjects';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Media never rides in an event, so this is plenty; and it leaves room for the headers of a dead letter. */
const MAX_EVENT_BYTES = 256 * 1024;

export interface StreamPlan {
  readonly name: string;
  /** What correctness rests on: put right in a stream that exists. */
  readonly enforced: Partial<StreamConfig>;
  /** Set when the stream is made, and the operator's from then on. */
  readonly initial: Partial<StreamConfig>;
}

export const KV_STREAM = (bucket: string): string => `KV_${bucket}`;
export const OBJECT_STREAM = (bucket: string): string => `OBJ_${bucket}`;

/** The layout of NATS key-value buckets (nats-architecture-and-design, ADR-8). */
function bucketPlan(bucket: string, { enforced, initial }: Omit<StreamPlan, 'name'>): StreamPlan {
  return {
    name: KV_STREAM(bucket),
    enforced: {
      subjects: [`$KV.${bucket}.>`],
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.New,
      allow_rollup_hdrs: true,
      allow_direct: true,
      deny_delete: true,
      ...enforced,
      // No more than the age of what is in it (ADR-33), and of no use beyond.
      duplicate_window: nanos(enforced.max_age === undefined ? 2 * MINUTE : MINUTE),
    },
    initial: { max_msgs_per_subject: 1, ...initial },
  };
}

export const STREAM_PLANS: readonly StreamPlan[] = [
  {
    name: STREAMS.captures,
    enforced: {
      subjects: [SUBJECTS.allCaptures],
      retention: RetentionPolicy.Workqueue,
      // A full queue refuses the pipeline; it never drops a capture that it had taken.
      discard: DiscardPolicy.New,
      duplicate_window: nanos(10 * MINUTE),
      max_msg_size: MAX_EVENT_BYTES,
    },
    initial: { storage: StorageType.File },
  },
  {
    name: STREAMS.events,
    enforced: {
      subjects: [SUBJECTS.allEvents],
      retention: RetentionPolicy.Limits,
      duplicate_window: nanos(10 * MINUTE),
      max_msg_size: MAX_EVENT_BYTES,
    },
    initial: { storage: StorageType.File, discard: DiscardPolicy.Old, max_age: nanos(7 * DAY) },
  },
  {
    name: STREAMS.audit,
    enforced: {
      subjects: [SUBJECTS.allAudit],
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.New,
      deny_delete: true,
      deny_purge: true,
      duplicate_window: nanos(10 * MINUTE),
      max_msg_size: MAX_EVENT_BYTES,
    },
    initial: { storage: StorageType.File },
  },
  {
    name: STREAMS.deadLetters,
    enforced: {
      subjects: [SUBJECTS.allDeadLetters],
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.New,
      duplicate_window: nanos(60 * MINUTE),
    },
    initial: { storage: StorageType.File },
  },
  bucketPlan(BUCKETS.profiles, { enforced: {}, initial: { storage: StorageType.File } }),
  bucketPlan(BUCKETS.encryptors, {
    // Nobody needs to know what an encryptor said that is gone.
    enforced: { storage: StorageType.Memory, max_age: nanos(MINUTE) },
    initial: {},
  }),
  bucketPlan(BUCKETS.notices, {
    enforced: {},
    initial: { storage: StorageType.File, max_age: nanos(400 * DAY) },
  }),
  bucketPlan(BUCKETS.tickets, {
    // Longer than the longest that a ticket may be valid (SEALTRACK_TICKET_MAX_SECONDS): forgotten sooner, it could be used again.
    enforced: { storage: StorageType.File, max_age: nanos(25 * HOUR) },
    initial: {},
  }),
  {
    // The layout of NATS object stores (nats-architecture-and-design, ADR-20).
    name: OBJECT_STREAM(BUCKETS.captures),
    enforced: {
      subjects: [`$O.${BUCKETS.captures}.C.>`, `$O.${BUCKETS.captures}.M.>`],
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.New,
      allow_rollup_hdrs: true,
      allow_direct: true,
      duplicate_window: nanos(2 * MINUTE),
      // The media is in clear until it is encrypted: it must not reach the broker's disk.
      storage: StorageType.Memory,
    },
    initial: { max_age: nanos(DAY) },
  },
];
