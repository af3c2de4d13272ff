import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { expect, test } from 'vitest';
import { groupsOf } from './live-changes.ts';

test.each([
  [['certificate.imported'], ['certificates', 'profiles', 'screen']],
  [
    ['profile.changed', 'profile.changed'],
    ['profiles', 'certificates', 'rollout'],
  ],
  [
    ['capture.dead-lettered', 'recording.stored'],
    ['recordings', 'failed-captures', 'dead-letters'],
  ],
  [['something.new'], []],
])('%j make old what is shown of %j', (kinds, groups) => {
  expect(groupsOf(kinds)).toEqual(groups);
});

test('whatever happens to what pages show makes something old', () => {
  const kinds = Object.values(EVENT_KINDS)
    .map(({ type }) => type.replace(/^sealtrack\.|\.v1$/g, ''))
    .filter((kind) => /^(certificate|profile|screen-settings|recording|capture)\./.test(kind))
    // On record, and no event.
    .filter((kind) => !kind.endsWith('-recorded'));
  expect(kinds.length).toBeGreaterThan(10);
  expect(kinds.filter((kind) => groupsOf([kind]).length === 0)).toEqual([]);
});
