import { expect, test } from 'vitest';
import type { AssignedCertificate } from '../../../src/api/profiles.ts';
import { changedIn, draftOf } from './settings-draft.ts';

const one = (certificateId: string): AssignedCertificate => ({
  ...{ certificateId, alias: certificateId, notBefore: '', notAfter: '', isRevoked: false },
  ...{ replaces: null, useFrom: null },
});
const base = draftOf({ policy: 'optional', certificates: [one('a'), one('b')] }, '7');

test.each([
  ['nothing', {}, false, false],
  ['their order alone', { certificateIds: ['b', 'a'] }, false, false],
  ['one more', { certificateIds: ['a', 'b', 'c'] }, true, false],
  ['one for another', { certificateIds: ['a', 'c'] }, true, false],
  ['one fewer', { certificateIds: ['a'] }, true, false],
  ['the policy', { policy: 'required' as const }, false, true],
])('of settings, %s is changed', (_, part, certificates, policy) => {
  expect(changedIn({ ...base, ...part })).toEqual({ certificates, policy });
});

test('a tenant without settings begins with the strictest, and has changed nothing', () => {
  const none = draftOf(undefined, null);
  expect(none).toMatchObject({ certificateIds: [], policy: 'required', baseRevision: null });
  expect(changedIn(none)).toEqual({ certificates: false, policy: false });
});
