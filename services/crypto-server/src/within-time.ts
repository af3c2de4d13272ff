import { AppError } from '@sealtrack/errors/app-error';
import type { CallerContext } from './caller-context.ts';

/** An access's own end: that of the call it is for, that of its time, or its disposal. */
export interface Timed extends Disposable {
  /** Aborts with the call's reason, or with DEADLINE_EXCEEDED. */
  readonly signal: AbortSignal;
  /** From now on it may take as long as its caller lets it. */
  unlimited(): void;
  /** Aborts it now: for nothing but to be over soon. */
  stop(): void;
}

/** For calls whose caller would wait for ever. */
export function withinTime(call: AbortSignal, ms: number): Timed {
  const own = new AbortController();
  const timer = setTimeout(() => own.abort(tooLate(ms)), ms).unref();
  const unlimited = () => clearTimeout(timer);
  const stop = () => {
    unlimited();
    own.abort();
  };
  return { signal: AbortSignal.any([call, own.signal]), unlimited, stop, [Symbol.dispose]: stop };
}

/** A handler whose callers are answered in time. */
export const answeredInTime =
  <Request, Response>(
    ms: number,
    handler: (request: Request, caller: CallerContext) => Promise<Response>,
  ): typeof handler =>
  async (request, caller) => {
    using time = withinTime(caller.signal, ms);
    return await handler(request, { ...caller, signal: time.signal });
  };

const tooLate = (ms: number) =>
  new AppError('DEADLINE_EXCEEDED', `This took longer than the ${ms / 1000} s that it has here`, {
    fix: 'Try again. If it lasts, look how the media store, metadata-processor and the other crypto servers do (sealtrack doctor), or raise SEALTRACK_CALL_SECONDS.',
  });
