import { ACTIONS, type Access, type Action } from '@sealtrack/access/access';
import { authoriseActingFor, authoriseCall } from '@sealtrack/access/authorise-call';
import type { AppError } from '@sealtrack/errors/app-error';
import type { Metrics } from './metrics.ts';

/** A call that was refused, as the server of it says. */
export interface Refused {
  readonly path: string;
  /** DNS names of the caller's verified certificate, or of the person on whose behalf it calls. */
  readonly names: readonly string[];
  /** Those of whoever calls on that person's behalf; empty where nobody does. */
  readonly via: readonly string[];
  /** The request, or the first message of a stream of them. */
  readonly request: unknown;
  readonly traceparent: string | undefined;
  readonly error: AppError;
}

/** What an RPC server asks about each call. */
export interface CallAccess {
  authorise(path: string, names: readonly string[], request: unknown): void;
  authoriseActingFor(names: readonly string[], request: unknown): void;
  refused(call: Refused): void;
}

/**
 * Has the access policy decide about calls, and counts those that were refused, by their handlers too.
 * @param onRefused told of each as well.
 */
export function createCallAccess(
  access: Access,
  metrics: Metrics,
  onRefused: (call: Refused) => void = () => {},
): CallAccess {
  const denied = metrics.counter(
    'sealtrack_access_denied_total',
    'Calls that their caller may not make, by what it would have taken',
    { action: ACTIONS },
  );
  return {
    authorise: (path, names, request) => authoriseCall(access, path, names, request),
    authoriseActingFor: (names, request) => authoriseActingFor(access, names, request),
    refused: (call) => {
      const action = actionOf(call.error);
      if (action !== undefined) denied.add(1, { action });
      onRefused(call);
    },
  };
}

/** Undefined for what was refused for another reason, as a ticket that has expired. */
const actionOf = ({ code, details }: AppError): Action | undefined =>
  code === 'PERMISSION_DENIED' ? ACTIONS.find((action) => action === details.action) : undefined;
