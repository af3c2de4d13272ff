import { TooLate, within } from '@sealtrack/bus/wait';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { Signer } from '@sealtrack/statements/statement';
import type { AuditStream } from './audit-stream.ts';
import { ChainOver, type Unplaced, type WritableChain } from './chain.ts';
import { type CheckpointLimits, type Checkpoints, createCheckpoints } from './checkpoints.ts';
import { type AuditEvent, encodeRecord } from './encode-record.ts';
import { createOpenings, type WriterLog } from './openings.ts';
import { createSlots } from './slots.ts';

/*
 * What always holds, whatever becomes of broker, connection and process:
 *
 * 1. A number of a chain is given out once, and the message under it is sent once, over one connection, in the order of the
 *    numbers. So what the stream has of a chain is in order, and nothing of it is there twice. (An opening may be sent again:
 *    nothing is sent behind it before it is stored, and the stream knows its id.)
 * 2. An append resolves only after the stream has acknowledged its record, in a chain that was not given up by then.
 * 3. The first record that is refused, or of which nobody knows whether it is stored, ends its chain: nothing more is sent in
 *    it, and no acknowledgement counts any more. Whoever waits for one is sent again under a number of the next chain, with
 *    the same ce-id, while its time lasts; the same access may so be on record twice, and never not at all.
 * 4. The next chain is open only when its opening is stored, which says how many records the one before had, and names
 *    those without an acknowledgement. Whoever verifies takes exactly those as there or not. By 2. nothing was done on the
 *    strength of them.
 *
 * A retry would break 1: after a reconnect it would come behind what was sent meanwhile, or overtake it; and a broker that
 * changes its leader may lose a message and store the next. A process that is killed leaves a chain without its end, of which
 * nothing is missing before what arrived last. Numbers and hashes come from no clock, and from no other process.
 */

/** Everything that a process puts on record. */
export interface AuditWriter extends AsyncDisposable {
  /** Resolves once the record is stored. @throws AppError AUDIT_UNAVAILABLE, within its time: then nothing may leave. */
  append<T>(event: AuditEvent<T>): Promise<void>;
}

export interface AuditWriterOptions {
  readonly stream: AuditStream;
  /** None in plaintext. */
  readonly signer: Signer | undefined;
  /** Who writes, such as "crypto-server". */
  readonly source: string;
  readonly log: WriterLog;
  readonly now?: () => Date;
  /** For each append, in milliseconds: 3 s unless told. */
  readonly deadlineMs?: number;
  /** Records that are sent and not acknowledged yet; more wait. */
  readonly maxInFlight?: number;
  readonly checkpoints?: CheckpointLimits;
  /** Between two tries of one append. */
  readonly pauseMs?: number;
  readonly sameOpeningMs?: number;
}

/** Of the deadline. A broker that is well takes milliseconds; a record that leaves it less time would end the chain for all. */
const TIME_TO_STORE = 1 / 3;
const BETWEEN_TRIES_MS = 50;
const EXPLAIN_AGAIN_MS = 1_000;
/** A message of the stream has at most 256 KiB with its headers: a record that is refused would end its chain. */
const MAX_BYTES = 240 * 1024;
const CHECKPOINTS: CheckpointLimits = { records: 100, ms: 1_000 };

interface Current {
  readonly chain: WritableChain;
  readonly checkpoints: Checkpoints;
}

/** Connects to nothing before the first append. Disposing it waits for what is under way, and closes the chain. */
export function createAuditWriter(options: AuditWriterOptions): AuditWriter {
  const { stream, signer, source, log, now = () => new Date(), deadlineMs = 3_000 } = options;
  const timeToStore = deadlineMs * TIME_TO_STORE;
  const encoding = { source, now };
  const { sameOpeningMs = 60_000 } = options;
  const parts = { stream, signer, encoding, log, sameOpeningMs };
  const openings = createOpenings(parts);
  const slots = createSlots(options.maxInFlight ?? 256);
  const limits = options.checkpoints ?? CHECKPOINTS;
  const underWay = new Set<Promise<void>>();
  let current: Current | undefined;
  let opening: Promise<Current> | undefined;
  let isClosed = false;

  const open = async (): Promise<Current> => {
    const chain = await openings.open(deadlineMs, onOver).catch((error: unknown) => {
      throw hasCode(error, 'BUS_UNAVAILABLE') ? new ChainOver(error.message, { cause: error }) : error;
    });
    current = { chain, checkpoints: createCheckpoints(parts, chain, limits, deadlineMs) };
    return current;
  };
  /** The chain that takes records now, or the next one. */
  const chainNow = (): Current | Promise<Current> => {
    if (current !== undefined) return current;
    opening ??= open().finally(() => {
      opening = undefined;
    });
    return opening;
  };
  const onOver = (): void => {
    if (current === undefined) return;
    current.checkpoints.stop();
    openings.giveUp(current.chain);
    current = undefined;
    void explain();
  };
  /** Until the next chain says what was in doubt it looks as if somebody had taken that away. */
  const explain = async (): Promise<void> => {
    while (openings.owesSomething() && !isClosed) {
      const next = await Promise.resolve(chainNow()).catch(() => undefined);
      if (next === undefined) await pause(EXPLAIN_AGAIN_MS);
    }
  };
  const write = async (record: Unplaced, left: () => number): Promise<void> => {
    for (let failure: unknown; ; ) {
      if (left() < timeToStore) throw unavailable(failure);
      try {
        if (!stream.isReachable()) await stream.untilReachable(left() - timeToStore);
        const { chain, checkpoints } = current ?? (await within(left(), Promise.resolve(chainNow())));
        const stored = chain.append(record, Math.max(left(), timeToStore));
        checkpoints.count();
        return await stored;
      } catch (error) {
        if (!(error instanceof ChainOver || error instanceof TooLate)) throw unavailable(error);
        failure = error;
        await pause(options.pauseMs ?? BETWEEN_TRIES_MS);
      }
    }
  };
  const append = async (record: Unplaced): Promise<void> => {
    const deadline = performance.now() + deadlineMs;
    const left = () => deadline - performance.now();
    if (!(await slots.take(left() - timeToStore))) throw unavailable(new Error('Too many wait for it'));
    try {
      await write(record, left);
    } finally {
      slots.give();
    }
  };
  return {
    async append(event) {
      const record = encodeRecord(event, encoding);
      if (record.body.byteLength > MAX_BYTES) throw tooLarge(record.body.byteLength);
      if (isClosed) throw unavailable(new Error('The writer is closed'));
      const appending = append(record);
      underWay.add(appending);
      await appending.finally(() => underWay.delete(appending));
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await Promise.allSettled([...underWay]);
      // Without a broker there is nothing to wait for: the chain stays without its end, as after a crash.
      if (!stream.isReachable()) return;
      if (openings.owesSomething()) await Promise.resolve(chainNow()).catch(() => {});
      await current?.checkpoints.close(deadlineMs);
      current = undefined;
    },
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());

const unavailable = (cause: unknown): AppError =>
  new AppError('AUDIT_UNAVAILABLE', 'This could not be put on record, so it was not done', {
    fix: 'Check NATS and its stream AUDIT (sealtrack doctor), then try again.',
    cause,
  });

const tooLarge = (bytes: number): AppError =>
  new AppError('AUDIT_UNAVAILABLE', 'This is too much for one audit record, so it was not done', {
    fix: 'Ask for fewer things at a time.',
    details: { bytes: String(bytes) },
  });
