import type { Bus } from '@sealtrack/bus/bus';
import { type TailedEvent, tailEvents } from '@sealtrack/bus/tail';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import { isErrorCode } from '@sealtrack/errors/codes';

export interface Wanted {
  readonly tenantId: string;
  readonly recordingId: string;
}

export interface StoredWatch extends AsyncDisposable {
  /**
   * Resolves when the recording can be found and played. Throws the reason why its capture was given up,
   * DEADLINE_EXCEEDED after `timeoutMs`, or what the signal was aborted with.
   */
  stored(timeoutMs: number): Promise<void>;
}

/**
 * Begins to listen for what becomes of a recording; to be called before the recording is sent. `isListed` is asked
 * now and then as well, because a recording that is sent again is not announced again.
 */
export async function watchStored(
  bus: Bus,
  wanted: Wanted,
  isListed: (() => Promise<boolean>) | undefined,
  signal: AbortSignal,
): Promise<StoredWatch> {
  const done = new AbortController();
  const following = AbortSignal.any([signal, done.signal]);
  const tail = tailEvents(bus, { subject: `events.${wanted.tenantId}.>`, from: 'new', signal: following });
  const outcome = follow(tail, wanted, following);
  outcome.catch(() => {});
  await tail.ready;
  return {
    stored: async (timeoutMs) => {
      const timer = Promise.withResolvers<never>();
      const timeout = setTimeout(() => timer.reject(tooLate(wanted, timeoutMs)), timeoutMs);
      const asking = askUntilListed(isListed, following);
      asking.catch(() => {});
      try {
        await Promise.race([outcome, asking, timer.promise]);
        signal.throwIfAborted();
      } finally {
        clearTimeout(timeout);
        done.abort();
      }
    },
    [Symbol.asyncDispose]: async () => {
      done.abort();
      await outcome.catch(() => {});
    },
  };
}

async function follow(tail: AsyncIterable<TailedEvent>, wanted: Wanted, signal: AbortSignal): Promise<void> {
  const stored = SUBJECTS.event(wanted.tenantId, 'recording', 'stored');
  const givenUp = SUBJECTS.event(wanted.tenantId, 'capture', 'dead-lettered');
  for await (const { subject, body } of tail) {
    if (subject === stored) {
      const event = EVENT_KINDS.recordingStored.message.fromJSON(JSON.parse(body));
      if (event.recordingId === wanted.recordingId) return;
    } else if (subject === givenUp) {
      const event = EVENT_KINDS.captureDeadLettered.message.fromJSON(JSON.parse(body));
      if (event.recordingId === wanted.recordingId) throw deadLettered(event);
    }
  }
  signal.throwIfAborted();
}

const ASK_EVERY_MS = 1_000;

async function askUntilListed(
  isListed: (() => Promise<boolean>) | undefined,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    if (await isListed?.()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ASK_EVERY_MS);
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
    signal.throwIfAborted();
  }
}

function deadLettered(event: {
  readonly reason: string;
  readonly message: string;
  readonly nextStep: string;
  readonly deadLetter: bigint;
}): AppError {
  const code = isErrorCode(event.reason) ? event.reason : 'INTERNAL';
  return new AppError(code, `The capture was given up: ${event.message}`, {
    fix: `${event.nextStep} The capture is kept: sealtrack captures retry ${event.deadLetter}.`,
    details: { dead_letter: String(event.deadLetter) },
  });
}

const tooLate = ({ recordingId }: Wanted, timeoutMs: number): AppError =>
  new AppError(
    'DEADLINE_EXCEEDED',
    `Recording ${recordingId} was handed over, but not stored in ${timeoutMs / 1000} s`,
    {
      fix: 'It is not lost. See what is in the way: sealtrack doctor, sealtrack captures dead-letters.',
      details: { recording_id: recordingId },
    },
  );
