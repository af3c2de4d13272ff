/** Who asked, and within what. */
export interface CallerContext {
  readonly signal: AbortSignal;
  readonly peer: string;
  readonly traceparent: string;
}
