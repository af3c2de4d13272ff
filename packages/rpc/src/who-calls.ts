import { AppError } from '@sealtrack/errors/app-error';
import type { Metadata } from 'nice-grpc-common';
import type { CallAccess } from './call-access.ts';
import { ON_BEHALF_OF, parseOnBehalfOf } from './on-behalf-of.ts';

export interface WhoCalls {
  /** Whose rights count. */
  readonly caller: readonly string[];
  /** Who says so, where the caller does not call itself. */
  readonly via: readonly string[];
  /** Whether it is made on behalf of one; over plaintext nobody who does that has a name. */
  readonly isPerson: boolean;
}

/**
 * Who makes a call: whoever is at the other end of the connection, or the person on whose behalf that one says it calls.
 * @param names the DNS names of the verified certificate.
 * @throws AppError what CallAccess.authoriseActingFor throws, PERMISSION_DENIED without it; INVALID_ARGUMENT for names that are not
 * those of one person.
 */
export function whoCalls(
  names: readonly string[],
  metadata: Metadata,
  access: CallAccess,
  request: unknown,
): WhoCalls {
  const values = metadata.getAll(ON_BEHALF_OF);
  if (values.length === 0) return { caller: names, via: [], isPerson: false };
  if (access.authoriseActingFor === undefined) throw nobodyMay();
  access.authoriseActingFor(names, request);
  return { caller: parseOnBehalfOf(values), via: names, isPerson: true };
}

const nobodyMay = (): AppError =>
  new AppError('PERMISSION_DENIED', 'Nobody may call on behalf of others here', {
    fix: `Leave ${ON_BEHALF_OF} out of the call.`,
  });
