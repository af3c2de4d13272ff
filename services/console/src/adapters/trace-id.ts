import { parseTraceparent } from '@sealtrack/service-kit/trace';

/** Of a trace context that something was sent with, if it can be read. */
export const traceIdOf = (traceparent: string | undefined): string | null =>
  (traceparent === undefined ? undefined : parseTraceparent(traceparent)?.traceId) ?? null;
