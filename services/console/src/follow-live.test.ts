import { expect, test } from 'vitest';
import type { LiveMessage, LiveSecond, LiveState } from './api/live.ts';
import { followLive, type LiveRequest } from './follow-live.ts';
import { createLiveHub } from './live-hub.ts';
import { type NotedSink, noteSink } from './testing/note-sink.ts';
import { someEvent, someRecording } from './testing/some-event.ts';

const STATE: LiveState = {
  ...{ backlog: { captures: 0, events: 0 }, deadLetters: 0 },
  ...{ expiring: null, seals: null, services: [] },
};

function world(at = 1_000_000) {
  const clock = { ms: at };
  const hub = createLiveHub(() => clock.ms);
  const follow = (request: Partial<LiveRequest> = {}) => {
    const sink = noteSink<LiveMessage>();
    const what = { tenantId: 'demo', kind: '', text: '', sample: 20, ...request };
    const following = followLive({ hub, state: async () => STATE }, what, sink);
    return Object.assign(sink, { stop: () => following[Symbol.dispose]() });
  };
  const wait = (ms: number) => {
    for (const until = clock.ms + ms; clock.ms < until; ) {
      clock.ms += 250;
      hub.tick();
    }
  };
  return { clock, hub, follow, wait };
}

const secondsOf = ({ sent }: NotedSink<LiveMessage>): LiveSecond[] =>
  sent.flatMap((message) => (message.type === 'second' ? [message.second] : []));
const eventsOf = ({ sent }: NotedSink<LiveMessage>) =>
  sent.flatMap((message) => (message.type === 'events' ? message.events : []));
const sum = (numbers: readonly number[]) => numbers.reduce((one, other) => one + other, 0);

test('every event of the tenant is counted once, in its second, and no other one', () => {
  const { hub, follow, wait } = world();
  const sink = follow();
  for (let second = 0; second < 5; second += 1) {
    for (let each = 0; each < 100 * (second + 1); each += 1) {
      const id = `${second}-${each}`;
      for (const event of someRecording('demo', id, 1_000, each < 98 ? 100 : 5_000)) hub.take(event);
      hub.take(someEvent('acme', 'recording.encrypted', { recordingId: id }));
      if (each % 50 === 0) wait(0);
    }
    wait(1_000);
  }
  const seconds = secondsOf(sink).slice(120);
  expect(seconds.map(({ events }) => events)).toEqual(
    [100, 200, 300, 400, 500].map((count) => ({ 'recording.encrypted': count, 'recording.stored': count })),
  );
  expect(seconds[0]).toMatchObject({ encrypted: 100, bytes: 100_000 });
  const { latencyP50Ms, latencyP99Ms } = seconds[0] as LiveSecond;
  expect(Math.abs((latencyP50Ms ?? 0) - 100)).toBeLessThan(4);
  expect(Math.abs((latencyP99Ms ?? 0) - 5_000)).toBeLessThan(160);
  expect(seconds.map(({ at }) => at)).toEqual(
    [1_000, 1_001, 1_002, 1_003, 1_004].map((at) => new Date(at * 1_000).toISOString()),
  );
  // Who comes now sees the same past.
  expect(
    secondsOf(follow())
      .slice(-5)
      .map(({ events }) => events),
  ).toEqual(seconds.map(({ events }) => events));
});

test('of many events some are shown, the rare ones among them, and the others are counted as not shown', () => {
  const { hub, follow, wait } = world();
  const sink = follow({ sample: 10 });
  for (let second = 0; second < 4; second += 1) {
    for (let each = 0; each < 1_000; each += 1) {
      const isRare = second === 3 && each === 900;
      hub.take(someEvent('demo', isRare ? 'certificate.imported' : 'recording.stored'));
    }
    wait(1_000);
  }
  const seconds = secondsOf(sink).slice(120);
  const shown = eventsOf(sink);
  expect(seconds).toHaveLength(4);
  expect(seconds.map(({ notShown }) => notShown)).toEqual([990, 990, 990, 990]);
  expect(shown).toHaveLength(40);
  expect(shown.filter(({ kind }) => kind === 'certificate.imported')).toHaveLength(1);
});

test('a few events are shown at once, and not at the end of their second', () => {
  const { hub, follow, wait } = world();
  const sink = follow();
  for (let each = 0; each < 20; each += 1) hub.take(someEvent('demo', 'profile.changed'));
  wait(250);
  expect(eventsOf(sink)).toHaveLength(20);
});

test.each<[Partial<LiveRequest>, string[]]>([
  [{ kind: 'recording.*' }, ['recording.stored', 'recording.encrypted']],
  [{ kind: '*.imported, recording.stored' }, ['certificate.imported', 'recording.stored']],
  [{ kind: 'recording' }, []],
  [{ kind: '*ed*ed' }, []],
  [{ text: 'CALL-7' }, ['recording.stored']],
  [{ kind: 'certificate.*', text: 'call-7' }, []],
])('%j lets through what it names, in counts and in events', (request, kinds) => {
  const { hub, follow, wait } = world();
  const sink = follow(request);
  hub.take(someEvent('demo', 'certificate.imported', { alias: 'c' }));
  hub.take(someEvent('demo', 'recording.stored', { recordingId: 'call-7' }));
  hub.take(someEvent('demo', 'recording.encrypted', { recordingId: 'call-8' }));
  wait(1_000);
  expect(
    eventsOf(sink)
      .map(({ kind }) => kind)
      .toSorted(),
  ).toEqual(kinds.toSorted());
  const counted = secondsOf(sink).flatMap(({ events }) => Object.keys(events));
  expect(counted.toSorted()).toEqual(kinds.toSorted());
});

test('a browser that takes nothing loses events, is told how many, and holds two minutes of counts at most', () => {
  const { hub, follow, wait } = world();
  const sink = follow({ sample: 10 });
  const before = sink.sent.length;
  sink.blocked = true;
  for (let second = 0; second < 200; second += 1) {
    for (let each = 0; each < 50; each += 1) hub.take(someEvent('demo', 'recording.stored'));
    wait(1_000);
  }
  expect(sink.sent).toHaveLength(before);
  sink.blocked = false;
  wait(250);
  expect(eventsOf(sink)).toEqual([]);
  const seconds = secondsOf(sink).slice(120);
  expect(seconds).toHaveLength(120);
  expect(sum(seconds.map(({ notShown }) => notShown))).toBe(120 * 50);
});

test('what was missed ends the stream, so that it begins anew; and who left is told nothing', () => {
  const { hub, follow, wait } = world();
  const [stays, leaves] = [follow(), follow()];
  leaves.stop();
  const sent = leaves.sent.length;
  hub.take(someEvent('demo', 'recording.stored'));
  wait(1_000);
  hub.gap();
  expect({ stays: stays.isEnded, leaves: leaves.isEnded, sent: leaves.sent.length }).toEqual({
    ...{ stays: true, leaves: false, sent },
  });
});
