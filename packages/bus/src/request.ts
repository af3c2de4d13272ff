import { type Msg, NoRespondersError, type QueuedIterator } from '@nats-io/transport-node';
import { AppError } from '@sealtrack/errors/app-error';
import type { Bus } from './bus.ts';
import { busError } from './bus-errors.ts';
import { whileConnected } from './wait.ts';

export interface RequestOptions<T> {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /**
   * What an answer says; undefined for one that is not to be believed, which is as if it had not come: whoever can publish to an
   * inbox can be in the way of an answer, and shall not take its place.
   */
  readonly read: (body: Uint8Array) => Promise<T | undefined>;
}

export type RequestOutcome<T> =
  | { readonly kind: 'answer'; readonly value: T }
  /** Nobody listens to the subject: the broker says so at once. */
  | { readonly kind: 'nobody' }
  /** Whoever got it has too much to do: see respond.ts. */
  | { readonly kind: 'busy' }
  /** Nothing that was believed came in time. */
  | { readonly kind: 'late' };

/** Each may cost `read` a signature. */
const MAX_UNBELIEVED = 20;

/**
 * Asks one of those who listen to the subject. Errors: BUS_UNAVAILABLE (also when the connection is lost meanwhile, or this user
 * may not ask there), CANCELLED or the AppError that the signal is aborted with, and what `read` throws.
 */
export async function request<T>(
  bus: Bus,
  subject: string,
  body: Uint8Array,
  { timeoutMs, signal, read }: RequestOptions<T>,
): Promise<RequestOutcome<T>> {
  const doing = `Asking ${subject}`;
  if (signal?.aborted) throw abortedBy(signal);
  if (!bus.connected()) throw busError(bus, doing, new Error('There is no connection'));
  let answers: QueuedIterator<Msg> | undefined;
  try {
    const asking = bus.link.connection.requestMany(subject, body, { strategy: 'timer', maxWait: timeoutMs });
    // It can be stopped, which its type does not say.
    answers = (await asking) as QueuedIterator<Msg>;
    return await whileConnected(bus, firstOf(answers, read), signal);
  } catch (error) {
    if (error instanceof NoRespondersError) return { kind: 'nobody' };
    if (signal?.aborted) throw abortedBy(signal);
    throw busError(bus, doing, error);
  } finally {
    answers?.stop();
  }
}

async function firstOf<T>(
  answers: AsyncIterable<Msg>,
  read: RequestOptions<T>['read'],
): Promise<RequestOutcome<T>> {
  let unbelieved = 0;
  for await (const { data } of answers) {
    if (data.length === 0) return { kind: 'busy' };
    const value = await read(data);
    if (value !== undefined) return { kind: 'answer', value };
    unbelieved += 1;
    if (unbelieved === MAX_UNBELIEVED) break;
  }
  return { kind: 'late' };
}

const abortedBy = ({ reason }: AbortSignal): AppError =>
  reason instanceof AppError
    ? reason
    : new AppError('CANCELLED', 'An answer from the bus was not waited for', {
        fix: 'Nothing is needed: whoever asked went away.',
      });
