import { tooManyCalls } from '@sealtrack/rpc/call-limits';
import { createLimiter, isRefusal } from '@sealtrack/rpc/limiter';

/** @throws AppError TOO_MANY_CALLS for an address that asks too often. */
export type LimitRequests = (address: string) => void;

/**
 * So many requests of one address a second, and twice as many after a pause, before anybody looks at their tickets: to crypto
 * servers all of them are calls of one gateway, and whoever has no ticket could use up what it may ask for everybody.
 */
export function createRequestLimit(perSecond: number): LimitRequests {
  const none = Number.POSITIVE_INFINITY;
  const limiter = createLimiter({ perSecond, burst: 2 * perSecond, atOnce: none, allAtOnce: none });
  return (address) => {
    const place = limiter.enter(address);
    if (isRefusal(place)) throw tooManyCalls(place);
    place.leave();
  };
}
