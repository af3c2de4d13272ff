import type { DeadLetter, DeadLetterDetails } from '../api/live.ts';
import { readPayload } from './read-payload.ts';

/** As it waits in its stream. */
export interface WaitingLetter {
  readonly sequence: number;
  readonly time: Date;
  readonly subject: string;
  readonly reason: string;
  readonly message: string;
  readonly nextStep: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const SHOWN_BYTES = 64 * 1024;

export function describeDeadLetter(letter: WaitingLetter, traceId: string | null): DeadLetter {
  const { sequence: number, time, subject, reason, message, nextStep } = letter;
  return { number, subject, at: time.toISOString(), reason, message, nextStep, traceId };
}

export const describeDeadLetterDetails = (
  letter: WaitingLetter,
  traceId: string | null,
): DeadLetterDetails => ({
  ...describeDeadLetter(letter, traceId),
  ...{ payload: readPayload(letter.body, SHOWN_BYTES), headers: letter.headers },
});
