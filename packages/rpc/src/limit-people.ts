import { userOf } from '@sealtrack/ids/person-names';
import { type CallLimits, type RefusalReason, tooManyCalls } from './call-limits.ts';
import { createLimiter, isRefusal, type Place } from './limiter.ts';

/** Lets a call of a person in, who comes through somebody else. @throws AppError TOO_MANY_CALLS. */
export type EnterPerson = (names: readonly string[]) => Place;

/** Of what one caller may have, so that no person uses up what all of a console have together. */
const SHARE = 4;

/** @param onRefused told of each that is not let in, and of whose it is. */
export function limitPeople(
  limits: CallLimits,
  onRefused: (caller: string, reason: RefusalReason) => void,
): EnterPerson {
  const limiter = createLimiter({
    ...limits,
    perSecond: limits.perSecond / SHARE,
    burst: Math.max(1, limits.burst / SHARE),
    atOnce: Math.max(1, Math.floor(limits.atOnce / SHARE)),
  });
  return (names) => {
    const id = `user:${userOf(names)}`;
    const place = limiter.enter(id);
    if (!isRefusal(place)) return place;
    onRefused(id, place.reason);
    throw tooManyCalls(place);
  };
}
