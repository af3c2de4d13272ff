import { JetStreamApiError } from '@nats-io/jetstream';
import { PermissionViolationError } from '@nats-io/transport-node';
import { AppError } from '@sealtrack/errors/app-error';
import type { Bus } from './bus.ts';

/** JetStream API error codes (https://docs.nats.io/reference/reference-protocols/nats_api_reference). */
const NO_ROOM: ReadonlySet<number> = new Set([
  10_002, // JetStream resource limits of the account exceeded
  10_023, // insufficient resources
  10_028, // insufficient memory
  10_047, // insufficient storage
  10_077, // the store refused: maximum messages or bytes
]);
const TOO_LARGE = 10_054;
const WRONG_LAST_SEQUENCE: ReadonlySet<number> = new Set([10_071, 10_164]);
const NOT_FOUND: ReadonlySet<number> = new Set([10_014, 10_037, 10_059]);
const STREAM_NOT_FOUND = 10_059;

export const isStreamMissing = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND;
export const isMissing = (error: unknown): boolean =>
  error instanceof JetStreamApiError && NOT_FOUND.has(error.code);
export const isWrongRevision = (error: unknown): boolean =>
  error instanceof JetStreamApiError && WRONG_LAST_SEQUENCE.has(error.code);

/** The broker does not let this process's user publish, or listen, there. */
export const isForbidden = (error: unknown): boolean =>
  error instanceof PermissionViolationError ||
  (error instanceof Error && error.cause !== undefined && isForbidden(error.cause));

/** True for an answer that stays the same however often one asks. */
export const isFinal = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.status !== 503;

/** What the caller of the bus is told. `doing` completes "… failed", such as "Publishing to events.demo.x". */
export function busError(bus: Bus, doing: string, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const details = { address: bus.link.address };
  if (cause instanceof JetStreamApiError && NO_ROOM.has(cause.code)) {
    return new AppError('STORE_FULL', `${doing} failed: the bus has no room for it`, {
      fix: 'Give JetStream more storage or memory, or let what is waiting be worked off; then try again.',
      details,
      cause,
    });
  }
  if (cause instanceof JetStreamApiError && cause.code === TOO_LARGE) {
    return new AppError('INVALID_ARGUMENT', `${doing} failed: the message is too large for its stream`, {
      fix: 'Put the large part into the object store and send its name.',
      details,
      cause,
    });
  }
  // Not now, rather than never: who may do what is changed under running services.
  if (isForbidden(cause)) {
    return new AppError('BUS_UNAVAILABLE', `${doing} is not permitted to the user of this process`, {
      fix: 'Compare deploy/nats/users.conf with what the bus has loaded, and the name in the certificate of this process; reload nats-server, then try again.',
      details,
      cause,
    });
  }
  return new AppError('BUS_UNAVAILABLE', `${doing} failed`, {
    fix: `Check that nats-server at ${bus.link.address} runs with JetStream; trying again is safe.`,
    details,
    cause,
  });
}
