import { expect, test } from 'vitest';
import type { Changes } from './api/live.ts';
import { followChanges } from './follow-changes.ts';
import { createLiveHub } from './live-hub.ts';
import { noteSink } from './testing/note-sink.ts';
import { someEvent } from './testing/some-event.ts';

test('kinds are told at most each half second, once each, and only those of what the person may read at that time', () => {
  let ms = 1_000_000;
  const hub = createLiveHub(() => ms);
  const sink = noteSink<Changes>();
  let allowed = ['certificate.read', 'recording.read'];
  const may = (action: string) => allowed.includes(action);
  using _following = followChanges({ hub, may, now: () => ms }, 'demo', sink);
  const happens = (...kinds: string[]) => {
    for (const kind of kinds) hub.take(someEvent('demo', kind));
  };
  const wait = (more: number) => {
    ms += more;
    hub.tick();
  };
  happens('certificate.imported', 'profile.changed', 'screen-settings.changed', 'encryptor.went');
  hub.take(someEvent('acme', 'certificate.deleted'));
  wait(250);
  happens('recording.stored', 'recording.stored', 'capture.dead-lettered');
  wait(250);
  expect(sink.sent).toEqual([{ kinds: ['certificate.imported'] }]);
  wait(250);
  expect(sink.sent.slice(1)).toEqual([{ kinds: ['recording.stored', 'capture.dead-lettered'] }]);
  allowed = ['profile.read', 'event.read'];
  happens('certificate.imported', 'profile.changed', 'encryptor.went');
  wait(500);
  expect(sink.sent.slice(2)).toEqual([{ kinds: ['profile.changed', 'encryptor.went'] }]);
  happens('certificate.imported');
  wait(500);
  expect(sink.sent).toHaveLength(3);
});
