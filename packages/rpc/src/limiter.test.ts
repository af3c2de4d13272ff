import { expect, test } from 'vitest';
import type { CallLimits } from './call-limits.ts';
import { createLimiter, isRefusal, type Place } from './limiter.ts';

const PLENTY: CallLimits = { perSecond: 1_000, burst: 1_000, atOnce: 1_000, allAtOnce: 1_000 };

function limiterOf(limits: Partial<CallLimits>, requestBytes?: number) {
  const time = { ms: 0 };
  let last = 0.5;
  // Every value between, and none twice in a row.
  const random = () => {
    last = (last * 7.13 + 0.31) % 1;
    return last;
  };
  const more = requestBytes === undefined ? {} : { requestBytes };
  const limiter = createLimiter({ ...PLENTY, ...limits }, { now: () => time.ms, random, ...more });
  const enter = (id = 'pipeline') => limiter.enter(id);
  /** How it goes for so many that come at once. */
  const many = (count: number, id?: string) => Array.from({ length: count }, () => enter(id));
  return { limiter, time, enter, many };
}

const admitted = (all: ReturnType<ReturnType<typeof limiterOf>['many']>) =>
  all.filter((each): each is Place => !isRefusal(each));
const reasons = (all: ReturnType<ReturnType<typeof limiterOf>['many']>) =>
  new Set(all.filter(isRefusal).map(({ reason }) => reason));

test('a burst is taken, then so many a second, whatever was refused meanwhile; and others are not touched', () => {
  const { time, many } = limiterOf({ perSecond: 10, burst: 20 });
  const first = many(50);
  expect(admitted(first)).toHaveLength(20);
  expect(reasons(first)).toEqual(new Set(['caller-rate']));
  for (const place of admitted(first)) place.leave();
  expect(admitted(many(50, 'player'))).toHaveLength(20);
  time.ms = 1_000;
  expect(admitted(many(50))).toHaveLength(10);
  time.ms = 60_000;
  expect(admitted(many(50))).toHaveLength(20);
});

test('so many of one caller at a time, until one has left, which counts once', () => {
  const { enter, many } = limiterOf({ atOnce: 3 });
  const first = many(5);
  expect(admitted(first)).toHaveLength(3);
  expect(reasons(first)).toEqual(new Set(['caller-calls']));
  const [place] = admitted(first);
  place?.leave();
  place?.leave();
  expect(admitted(many(5))).toHaveLength(1);
  expect(isRefusal(enter('player'))).toBe(false);
});

test('the last tenth of all places is for those that have few', () => {
  const { many } = limiterOf({ allAtOnce: 200 });
  const greedy = many(500, 'greedy');
  expect(admitted(greedy)).toHaveLength(180);
  expect(reasons(greedy)).toEqual(new Set(['all-calls']));
  expect(admitted(many(5, 'profile-config'))).toHaveLength(2);
  for (let i = 0; i < 9; i += 1) expect(admitted(many(2, `service-${i}`))).toHaveLength(2);
  expect(admitted(many(1, 'one more'))).toHaveLength(0);
  admitted(greedy)[0]?.leave();
  expect(admitted(many(1, 'one more'))).toHaveLength(1);
});

test('a refusal for want of places costs none of the calls that one may make', () => {
  const { time, many } = limiterOf({ atOnce: 1, perSecond: 1, burst: 2 });
  const [place] = admitted(many(100));
  place?.leave();
  time.ms = 1;
  expect(admitted(many(1))).toHaveLength(1);
});

test('those that were refused together are told to come one by one, as fast as they may, and within 5 s', () => {
  const { many } = limiterOf({ perSecond: 100, burst: 1 });
  const waits = many(200)
    .filter(isRefusal)
    .map(({ retryAfterMs }) => retryAfterMs);
  for (let from = 100; from < 1_900; from += 300) {
    const came = waits.filter((ms) => ms >= from && ms < from + 300).length;
    expect(came).toBeGreaterThanOrEqual(24);
    expect(came).toBeLessThanOrEqual(36);
  }
  const more = many(10_000).filter(isRefusal);
  const last = more.slice(1_000).map(({ retryAfterMs }) => retryAfterMs);
  expect(Math.max(...last)).toBeLessThanOrEqual(5_000);
  expect(Math.max(...last) - Math.min(...last)).toBeGreaterThan(3_000);
  // Few different ones, so that what is said can be kept.
  expect(new Set(waits).size).toBeLessThanOrEqual(200);
});

test('callers that come once are forgotten, those with calls under way are not', () => {
  const { limiter, time, enter, many } = limiterOf({ perSecond: 1, burst: 2, atOnce: 2 });
  many(2, 'stays');
  for (let i = 0; i < 10_000; i += 1) {
    const place = enter(`10.0.${i >> 8}.${i & 255}`);
    if (!isRefusal(place)) place.leave();
    time.ms += 10;
  }
  // Each has to be known for a second, in which a hundred come.
  expect(limiter.callers).toBeLessThanOrEqual(210);
  expect(reasons(many(1, 'stays'))).toEqual(new Set(['caller-calls']));
});

test('bytes of requests are bounded for one caller and for all, until they are handed on or their calls are over', () => {
  const { many } = limiterOf({}, 100);
  const [a, b] = admitted(many(2, 'greedy'));
  const [c, d] = [...admitted(many(1, 'player')), ...admitted(many(1, 'pipeline'))];
  expect(a?.hold(30)).toBeUndefined();
  expect(b?.hold(20)).toBeUndefined();
  expect(b?.hold(1)).toMatchObject({ reason: 'request-bytes' });
  b?.leave();
  expect(a?.hold(20)).toBeUndefined();
  expect(c?.hold(50)).toBeUndefined();
  expect(d?.hold(1)).toMatchObject({ reason: 'request-bytes' });
  c?.release();
  expect(d?.hold(1)).toBeUndefined();
});
