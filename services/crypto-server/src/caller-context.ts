import { userOf } from '@sealtrack/ids/person-names';

/** Who asked, and within what. */
export interface CallerContext {
  readonly signal: AbortSignal;
  /** Its address. */
  readonly peer: string;
  /** DNS names of its verified certificate, none in plaintext; or those of the person on whose behalf it asks. */
  readonly names: readonly string[];
  /** Names of whoever asks on that person's behalf; else none. */
  readonly via: readonly string[];
  readonly traceparent: string;
}

/** Who asked, whenever that was. */
export type Caller = Pick<CallerContext, 'names' | 'via' | 'peer'>;

/** Who asked, as it is put on record: its names, or its address; "user:alice group:administrators via console". */
export function callerText({ names, via, peer }: Caller): string {
  const who = names.length === 0 ? peer : names.join(' ');
  return via.length === 0 ? who : `${who} via ${via.join(' ')}`;
}

/**
 * By what its callers are told apart where each has a budget of its own. A person is the same one with whatever groups; over plaintext
 * nobody has a name, and all at an address are one.
 */
export function callerKey({ names, via, peer }: Caller): readonly string[] {
  const user = userOf(names);
  if (user !== undefined) return ['user', user, ...via];
  return names.length === 0 ? [hostOf(peer)] : names;
}

/** Of host:port. */
export const hostOf = (peer: string): string => peer.replace(/:\d+$/, '');
