/** Who asked, and within what. */
export interface CallerContext {
  readonly signal: AbortSignal;
  /** Its address. */
  readonly peer: string;
  /** DNS names of its verified certificate; none in plaintext. */
  readonly names: readonly string[];
  readonly traceparent: string;
}

/** Who asked, as it is put on record. */
export const callerText = ({ names, peer }: Pick<CallerContext, 'names' | 'peer'>): string =>
  names.length === 0 ? peer : names.join(' ');

/** Of host:port. */
export const hostOf = (peer: string): string => peer.replace(/:\d+$/, '');
