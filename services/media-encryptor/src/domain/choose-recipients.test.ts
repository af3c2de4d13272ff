import { expect, test } from 'vitest';
import { chooseRecipients } from './choose-recipients.ts';
import type { ProfileCertificate } from './profile.ts';
import { certificate, settings } from './test-profile.ts';

const chosen = (now: string, ...certificates: ProfileCertificate[]) =>
  chooseRecipients(settings('required', ...certificates), new Date(now)).recipients.map(
    (each) => each.certificateId,
  );

const old = certificate('old', { from: '2020-01-01', to: '2026-01-01' });
const current = certificate('current', { from: '2024-01-01', to: '2028-01-01' });
const next = certificate('next', { from: '2027-01-01', to: '2031-01-01' });

test('all that are valid at the moment, newest first', () => {
  expect(chosen('2025-06-01', old, current, next)).toEqual(['current', 'old']);
  expect(chosen('2027-06-01', old, current, next)).toEqual(['next', 'current']);
});

test('what is left out is named with its problem', () => {
  const { unusable } = chooseRecipients(settings('required', old, current, next), new Date('2026-06-01'));
  expect(unusable.map(({ certificate, problem }) => [certificate.certificateId, problem])).toEqual([
    ['old', 'expired'],
    ['next', 'not-yet-valid'],
  ]);
});

test('a successor takes over on its start date, and while it cannot be used its predecessor goes on', () => {
  const successor = certificate('successor', {
    from: '2025-01-01',
    useFrom: '2026-03-01',
    replaces: 'current',
  });
  expect(chosen('2026-02-28T23:59:59Z', current, successor)).toEqual(['current']);
  expect(chosen('2026-03-01T00:00:00Z', current, successor)).toEqual(['successor']);
  const expired = certificate('expired', { to: '2026-04-01', replaces: 'current' });
  expect(chosen('2026-06-01', current, expired)).toEqual(['current']);
});

test('what was replaced is no longer worth a warning', () => {
  const successor = certificate('successor', { replaces: 'old' });
  const at = new Date('2026-06-01');
  expect(chooseRecipients(settings('required', old, successor), at).unusable).toEqual([]);
});

test('some that replace one another are all used rather than none', () => {
  const a = certificate('a', { from: '2021-01-01', replaces: 'b' });
  const b = certificate('b', { from: '2022-01-01', replaces: 'a' });
  expect(chosen('2026-06-01', a, b)).toEqual(['b', 'a']);
  const self = certificate('self', { replaces: 'self' });
  expect(chosen('2026-06-01', self)).toEqual(['self']);
  expect(chosen('2026-06-01', self, certificate('older', { from: '2019-01-01' }))).toEqual(['self', 'older']);
});

test('of two with one issuer and serial number the newest is taken, since no envelope can hold both', () => {
  const twin = {
    ...current,
    certificateId: 'twin' as typeof old.certificateId,
    notBefore: new Date('2023-01-01'),
  };
  expect(chosen('2026-06-01', twin, current)).toEqual(['current']);
});
