import type { AppError } from '@sealtrack/errors/app-error';

/** Who may make which call. Health and reflection, which say nothing of anybody, are nobody's to refuse. */
export interface CallAccess {
  /**
   * Throws, as an AppError, for a call that its caller may not make; its handler then sees nothing of it.
   * @param path "/package.Service/Method".
   * @param names the DNS names of the caller's verified certificate, none without one; or those of the person for whom it calls.
   * @param request the request, or the first message of a stream of them; undefined for a stream without any.
   */
  authorise(path: string, names: readonly string[], request: unknown): void;
  /**
   * Throws, as an AppError, unless the caller may make its calls on behalf of people. Left out, nobody may.
   * @param names the DNS names of the caller's verified certificate; none without one.
   */
  authoriseActingFor?(names: readonly string[], request: unknown): void;
  /** Told of each call that ended with PERMISSION_DENIED or UNAUTHENTICATED, here or in its handler. May not throw. */
  refused?(call: RefusedCall): void;
}

export interface RefusedCall {
  readonly path: string;
  /** As they were asked about. */
  readonly names: readonly string[];
  /** Who called on the person's behalf; empty where the caller called for itself. */
  readonly via: readonly string[];
  readonly request: unknown;
  /** The caller's W3C trace context, unchecked. */
  readonly traceparent: string | undefined;
  readonly error: AppError;
}
