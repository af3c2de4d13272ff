import type { Recipient } from '@sealtrack/envelope/recipient';
import type { CertificateId, ProfileId } from '@sealtrack/ids/ids';
import { expect, test } from 'vitest';
import { chooseRecipients, type ProfileCertificate } from './choose-recipients.ts';

const certificate = (name: string, notBefore: string, notAfter: string): ProfileCertificate => ({
  certificateId: name as CertificateId,
  notBefore: new Date(notBefore),
  problemAt: (now) => {
    if (now < new Date(notBefore)) return 'not-yet-valid';
    return now > new Date(notAfter) ? 'expired' : undefined;
  },
  recipient: {} as Recipient,
});
const profile = (...certificates: ProfileCertificate[]) => ({
  profileId: '101' as ProfileId,
  suite: 'pkcs7' as const,
  certificates,
  revision: 1,
});
const names = (chosen: readonly ProfileCertificate[]) => chosen.map((each) => each.certificateId);

const old = certificate('old', '2020-01-01', '2026-01-01');
const current = certificate('current', '2024-01-01', '2028-01-01');
const next = certificate('next', '2027-01-01', '2031-01-01');

test('all that are valid at the moment, newest first', () => {
  expect(names(chooseRecipients(profile(old, current, next), new Date('2025-06-01')))).toEqual([
    'current',
    'old',
  ]);
  expect(names(chooseRecipients(profile(old, current, next), new Date('2027-06-01')))).toEqual([
    'next',
    'current',
  ]);
});

test('a profile without a certificate, or without a valid one, is an error that says which of the two', () => {
  expect(() => chooseRecipients(profile(), new Date())).toThrow('has no certificate assigned');
  expect(() => chooseRecipients(profile(old, next), new Date('2026-06-01'))).toThrow(
    'None of the 2 certificates of IVR profile 101 is valid at this time (expired, not-yet-valid)',
  );
});
