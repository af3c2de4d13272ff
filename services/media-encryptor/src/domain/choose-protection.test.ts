import { MEDIA_TYPES, POLICIES } from '@sealtrack/ids/media-types';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseProtection, recipientsForHeld } from './choose-protection.ts';
import type { MediaSettings, ProfileInForce } from './profile.ts';
import { certificate, inForce, settings } from './test-profile.ts';

const NOW = new Date('2026-06-01');
const good = certificate('good');
const expired = certificate('expired', { to: '2026-01-01' });
const future = certificate('future', { from: '2027-01-01' });

describe('with the policy "required"', () => {
  test('a valid certificate beside an expired one is used, and the expired one named', () => {
    const protection = chooseProtection(inForce(settings('required', expired, good, future)), 'voice', NOW);
    expect(protection).toMatchObject({
      kind: 'sealed',
      recipients: [{ certificateId: 'good' }],
      leftOut: [{ certificate: { certificateId: 'expired' }, problem: 'expired' }],
    });
  });

  test.each([
    ['none-assigned', []],
    ['expired', [expired]],
    ['expired', [future, expired]],
    ['not-yet-valid', [future]],
    ['not-yet-valid', [certificate('staged', { useFrom: '2027-01-01' })]],
    ['chain-broken', [{ ...good, problemAt: () => 'issuer-unknown' as const }]],
    ['chain-broken', [{ ...good, problemAt: () => 'crl-expired' as const }]],
    ['too-weak', [{ ...good, problemAt: () => 'too-weak' as const }]],
    ['too-weak', [{ ...good, problemAt: () => 'key-refused' as const }]],
    ['too-weak', [future, { ...good, problemAt: () => 'signature-algorithm-refused' as const }]],
    [
      'chain-broken',
      [
        { ...good, problemAt: () => 'too-weak' as const },
        { ...good, problemAt: () => 'issuer-unknown' as const },
      ],
    ],
    ['revoked', [expired, { ...good, problemAt: () => 'revoked' as const }]],
  ])('without a usable one it is held: %s', (reason, certificates) => {
    expect(chooseProtection(inForce(settings('required', ...certificates)), 'voice', NOW)).toMatchObject({
      kind: 'held',
      recipients: [{ certificateId: 'holding' }],
      reason,
    });
  });

  test('and without a holding key it is refused, never clear', () => {
    const without = inForce(settings('required', expired), { holding: undefined });
    expect(() => chooseProtection(without, 'voice', NOW)).toThrow(
      expect.objectContaining({
        code: 'NO_USABLE_CERTIFICATE',
        details: { profile_id: '101', media_type: 'voice', reason: 'expired' },
      }),
    );
  });
});

test('"optional" seals when it can, and is clear when it cannot', () => {
  expect(chooseProtection(inForce(settings('optional', expired, good)), 'voice', NOW).kind).toBe('sealed');
  expect(chooseProtection(inForce(settings('optional', expired)), 'voice', NOW)).toEqual({
    kind: 'clear',
    policy: 'optional',
    reason: 'expired',
  });
});

test('"off" is clear with a usable certificate too', () => {
  expect(chooseProtection(inForce(settings('off', good)), 'voice', NOW)).toEqual({
    kind: 'clear',
    policy: 'off',
    reason: 'policy-off',
  });
});

test.each(['profile-deleted', 'profile-refused'] as const)(
  '%s is held, whatever its policy was',
  (unusable) => {
    for (const policy of POLICIES)
      expect(chooseProtection(inForce(settings(policy, good), { unusable }), 'voice', NOW)).toMatchObject({
        kind: 'held',
        reason: unusable,
      });
  },
);

describe('settings of a media type', () => {
  const kindOf = (given: ProfileInForce) =>
    MEDIA_TYPES.map((mediaType) => chooseProtection(given, mediaType, NOW).kind);
  const off = settings('off');
  const voice = settings('required', good);

  test.each<[string, ProfileInForce, string[]]>([
    ["the profile's", inForce(voice), ['sealed', 'sealed', 'sealed']],
    ["the tenant's for screen", inForce(voice, { screen: off }), ['sealed', 'clear', 'sealed']],
    [
      "the tenant's without certificates",
      inForce(voice, { screen: settings('required') }),
      ['sealed', 'held', 'sealed'],
    ],
    [
      "the profile's own for screen before the tenant's",
      inForce(voice, { screen: off, own: { screen: voice } }),
      ['sealed', 'sealed', 'sealed'],
    ],
    ['own for digital', inForce(voice, { own: { digital: off } }), ['sealed', 'sealed', 'clear']],
  ])('%s', (_, given, kinds) => {
    expect(kindOf(given)).toEqual(kinds);
  });
});

test('what is held goes to whom the profile has now, whatever the policy, and stays while there is nobody', () => {
  const names = (given: ProfileInForce) =>
    recipientsForHeld(given, 'voice', NOW).map(({ certificateId }) => certificateId);
  for (const policy of POLICIES) {
    expect(names(inForce(settings(policy, good, expired)))).toEqual(['good']);
    expect(names(inForce(settings(policy, expired)))).toEqual([]);
    expect(names(inForce(settings(policy, good), { unusable: 'profile-deleted' }))).toEqual([]);
  }
});

const date = fc.constantFrom('2020-01-01', '2025-01-01', '2026-05-31', '2026-06-02', '2030-01-01');
const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const anyCertificate = fc
  .record(
    { name, from: date, to: date, useFrom: date, replaces: name, revoked: fc.boolean() },
    { requiredKeys: ['name', 'from', 'to'] },
  )
  .map(({ name, revoked, ...validity }) => {
    const made = certificate(name, validity);
    return revoked === true ? { ...made, problemAt: () => 'revoked' as const } : made;
  });
const anySettings: fc.Arbitrary<MediaSettings> = fc.record({
  policy: fc.constantFrom(...POLICIES),
  certificates: fc.uniqueArray(anyCertificate, { selector: (each) => each.certificateId, maxLength: 5 }),
});
const anyInForce = fc
  .record(
    {
      voice: anySettings,
      screen: anySettings,
      ownScreen: anySettings,
      digital: anySettings,
      unusable: fc.constantFrom('profile-deleted' as const, 'profile-refused' as const),
    },
    { requiredKeys: ['voice'] },
  )
  .map(({ voice, screen, ownScreen, digital, unusable }) => ({
    given: inForce(voice, {
      screen,
      unusable,
      own: { ...(ownScreen && { screen: ownScreen }), ...(digital && { digital }) },
    }),
    applicable: {
      voice,
      screen: ownScreen ?? screen ?? voice,
      digital: digital ?? voice,
    },
  }));

test('whatever the settings are: never clear unless the policy says so, and everyone it is sealed to can be used', () => {
  fc.assert(
    fc.property(anyInForce, fc.constantFrom(...MEDIA_TYPES), ({ given, applicable }, mediaType) => {
      const { policy, certificates } = applicable[mediaType];
      const can = certificates.filter(
        ({ problemAt, useFrom }) => problemAt(NOW) === undefined && !(useFrom !== undefined && useFrom > NOW),
      );
      const protection = chooseProtection(given, mediaType, NOW);
      if (given.profile.unusable !== undefined) {
        expect(protection.kind).toBe('held');
      } else if (policy === 'off' || (policy === 'optional' && can.length === 0)) {
        expect(protection).toMatchObject({ kind: 'clear', policy });
      } else if (can.length === 0) {
        expect(protection).toMatchObject({ kind: 'held', recipients: [{ certificateId: 'holding' }] });
      } else {
        if (protection.kind !== 'sealed') throw new Error('it could have been sealed');
        const { recipients } = protection;
        expect(recipients.length).toBeGreaterThan(0);
        expect(recipients.every((each) => can.includes(each))).toBe(true);
        expect(new Set(recipients).size).toBe(recipients.length);
        const times = recipients.map(({ notBefore }) => notBefore.getTime());
        expect(times).toEqual(times.toSorted((a, b) => b - a));
        // Who is left out although it can be used has a successor that can.
        for (const each of can.filter((one) => !recipients.includes(one)))
          expect(can.some(({ replaces }) => replaces === each.certificateId)).toBe(true);
        expect(recipientsForHeld(given, mediaType, NOW)).toEqual(recipients);
      }
    }),
    { numRuns: 2_000 },
  );
});
