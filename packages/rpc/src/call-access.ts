import type { AppError } from '@sealtrack/errors/app-error';

/** Who may make which call. Health and reflection, which say nothing of anybody, are nobody's to refuse. */
export interface CallAccess {
  /**
   * Throws, as an AppError, for a call that its caller may not make; its handler then sees nothing of it.
   * @param path "/package.Service/Method".
   * @param names the DNS names of the caller's verified certificate; none without one.
   * @param request the request, or the first message of a stream of them; undefined for a stream without any.
   */
  authorise(path: string, names: readonly string[], request: unknown): void;
  /** Told of each call that ended with PERMISSION_DENIED or UNAUTHENTICATED, here or in its handler. May not throw. */
  refused?(call: RefusedCall): void;
}

export interface RefusedCall {
  readonly path: string;
  readonly names: readonly string[];
  readonly request: unknown;
  /** The caller's W3C trace context, unchecked. */
  readonly traceparent: string | undefined;
  readonly error: AppError;
}
