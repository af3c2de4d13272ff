/** What a dead letter looks like on the wire, and back. Pure. */
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { AppError } from '@sealtrack/errors/app-error';

const REASON = 'Sealtrack-Reason';
const MESSAGE = 'Sealtrack-Message';
const NEXT_STEP = 'Sealtrack-Next-Step';
const ATTEMPTS = 'Sealtrack-Attempts';
const ORIGINAL_SUBJECT = 'Sealtrack-Original-Subject';
const OURS: ReadonlySet<string> = new Set([REASON, MESSAGE, NEXT_STEP, ATTEMPTS, ORIGINAL_SUBJECT]);

/** A message that was given up, as it came. */
export interface FailedMessage {
  readonly stream: string;
  readonly sequence: number;
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** How often it was delivered. */
  readonly attempts: number;
}

export interface DeadLetter {
  /** In the dead-letter stream: what `retryDeadLetter` takes. */
  readonly sequence: number;
  readonly time: Date;
  /** Where the message had been published. */
  readonly subject: string;
  /** A code of docs/errors.md. */
  readonly reason: string;
  readonly message: string;
  readonly nextStep: string;
  readonly attempts: number;
  /** Of the original message. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Headers that the broker acts on belong to one publication and must not ride along into another. */
const forTheBroker = (name: string): boolean => /^nats-/i.test(name);

/** A header ends at its first line break. */
const oneLine = (text: string): string => text.replaceAll(/[\s\p{Cc}]+/gu, ' ').slice(0, 1_024);

export function encodeDeadLetter(failed: FailedMessage, error: AppError) {
  const kept = Object.entries(failed.headers).filter(([name]) => !forTheBroker(name) && !OURS.has(name));
  return {
    subject: SUBJECTS.deadLetter(failed.subject),
    headers: {
      ...Object.fromEntries(kept),
      [REASON]: error.code,
      [MESSAGE]: oneLine(error.message),
      [NEXT_STEP]: oneLine(error.fix),
      [ATTEMPTS]: String(failed.attempts),
      [ORIGINAL_SUBJECT]: failed.subject,
    },
    body: failed.body,
    // The time of publication is not known here, so a stream that was made anew is told apart by the event's id.
    messageId: `dead-letter:${failed.stream}:${failed.sequence}:${failed.headers['ce-id'] ?? ''}`,
  };
}

export function decodeDeadLetter(stored: {
  readonly sequence: number;
  readonly time: Date;
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}): DeadLetter {
  const { sequence, time, body, headers } = stored;
  return {
    sequence,
    time,
    subject: headers[ORIGINAL_SUBJECT] ?? stored.subject.replace(SUBJECTS.deadLetter(''), ''),
    reason: headers[REASON] ?? '',
    message: headers[MESSAGE] ?? '',
    nextStep: headers[NEXT_STEP] ?? '',
    attempts: Number(headers[ATTEMPTS] ?? 0),
    headers: Object.fromEntries(
      Object.entries(headers).filter(([name]) => !forTheBroker(name) && !OURS.has(name)),
    ),
    body,
  };
}
