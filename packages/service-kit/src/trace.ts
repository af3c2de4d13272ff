import { randomBytes } from 'node:crypto';

/** A W3C trace context (https://www.w3.org/TR/trace-context/#traceparent-header), ids in lower-case hex. */
export interface TraceContext {
  /** 32 digits. */
  readonly traceId: string;
  /** 16 digits: the step that this context was made for. */
  readonly parentId: string;
  readonly sampled: boolean;
}

const FORM = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

const format = (traceId: string, sampled: boolean) =>
  `00-${traceId}-${randomBytes(8).toString('hex')}-${sampled ? '01' : '00'}`;

/** Undefined when the text is no trace context: such a header is ignored, never an error. */
export function parseTraceparent(text: string): TraceContext | undefined {
  const [, traceId, parentId, flags, rest] = FORM.exec(text) ?? [];
  if (traceId === undefined || parentId === undefined || flags === undefined) return undefined;
  // Only versions after 00 may say more.
  if (rest !== undefined && text.startsWith('00')) return undefined;
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** The first step of a new trace. */
export const newTraceparent = (): string => format(randomBytes(16).toString('hex'), true);

/** A further step of the same trace. */
export const childTraceparent = ({ traceId, sampled }: TraceContext): string => format(traceId, sampled);

/** A further step of the caller's trace, or the first of a new one when the caller sent none that can be read. */
export function continueTrace(text: string | undefined): string {
  const parent = text === undefined ? undefined : parseTraceparent(text);
  return parent === undefined ? newTraceparent() : childTraceparent(parent);
}
