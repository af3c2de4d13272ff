import type { RefusalReason } from './call-limits.ts';

/** Told of a server's calls, but for health and reflection. May not throw. */
export interface CallObserver {
  /** @param path "/package.Service/Method". @param status the name of a gRPC status. */
  ended(path: string, status: string, seconds: number): void;
  /** Before anything was done for it. */
  refused(reason: RefusalReason): void;
  /** So many are being handled now. */
  underWay(calls: number): void;
}

export const NO_OBSERVER: CallObserver = { ended() {}, refused() {}, underWay() {} };
