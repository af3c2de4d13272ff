import { expect, test } from 'vitest';
import { isOwnPath } from './own-path.ts';
import { checkPassword } from './password-rules.ts';
import { readClaims } from './provider-claims.ts';
import { isFromConsole } from './same-origin.ts';
import { addressGroup, delayAfter, OF_ACCOUNT, OF_ADDRESS } from './sign-in-delay.ts';

test.each([
  ['', /too short/],
  ['elevenchars', /too short/],
  ['x'.repeat(257), /too long/],
  ['abababababab', /same few/],
  ['passwordpassword', /everybody/],
  ['Password2026!', /everybody/],
  ['P@ssw0rd1234', /everybody/],
  ['Welcome12345', /everybody/],
  ['qwertyuiop123456', /everybody/],
  ['123456789012', /everybody/],
  ['098765432123', /everybody/],
  ['Administrator1', /everybody/],
  ['Sealtrack2026!!', /everybody/],
  ['my alice is a fox', /name/],
  ['the SMITH of steel', /name/],
])('%j is refused', (password, why) => {
  expect(() => checkPassword(password, 'alice.smith@x')).toThrow(why);
});

test.each([
  'correct horse battery staple',
  'tr0ub4dor&3-xkcd',
  'eine Brücke über sieben Flüsse',
  '密码是十二个字符长的东西吗',
  'kV9#rT2!mQ8z',
  'umbrella '.repeat(28),
])('%j will do', (password) => {
  expect(() => checkPassword(password, 'alice.smith@x')).not.toThrow();
});

test('who fails waits twice as long each time, and never for ever', () => {
  const delays = Array.from({ length: 40 }, (_, index) => delayAfter(index + 1, OF_ACCOUNT));
  expect(delays.slice(0, 9)).toEqual([0, 0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000]);
  expect(Math.max(...delays)).toBe(300_000);
  expect([delayAfter(20, OF_ADDRESS), delayAfter(21, OF_ADDRESS), delayAfter(1e9, OF_ADDRESS)]).toEqual([
    ...[0, 1_000, 60_000],
  ]);
});

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['2001:db8:0:7::1', '2001:db8:0:7::/64'],
  ['2001:0DB8:0000:0007:ffff:1:2:3', '2001:db8:0:7::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['', 'unknown'],
])('%j counts as %s', (address, group) => {
  expect(addressGroup(address)).toBe(group);
});

test.each([
  [{ 'sec-fetch-site': 'same-origin' }, undefined, true],
  [{ 'sec-fetch-site': 'none' }, undefined, true],
  [{ 'sec-fetch-site': 'same-site' }, undefined, false],
  [{ 'sec-fetch-site': 'cross-site', origin: 'https://a.example' }, undefined, false],
  [{ origin: 'https://a.example' }, undefined, true],
  [{ origin: 'https://b.example' }, undefined, false],
  [{ origin: 'https://a.example:8443' }, undefined, false],
  [{ origin: 'https://a.example' }, 'https://c.example', false],
  [{ origin: 'https://c.example' }, 'https://c.example', true],
  [{ origin: 'http://c.example' }, 'https://c.example', false],
  [{ origin: 'null' }, undefined, false],
  [{}, 'https://c.example', true],
] as [Record<string, string>, string | undefined, boolean][])('%j of %s: %s', (headers, own, expected) => {
  const provenance = { secFetchSite: headers['sec-fetch-site'], origin: headers.origin, host: 'A.example' };
  expect(isFromConsole(provenance, own)).toBe(expected);
});

test('an address that somebody is sent to is of the console itself', () => {
  const own = ['/', '/recordings/a?x=1#y', '/t/demo'];
  const others = [
    '',
    'a',
    '//a',
    '/\\a',
    '/a\\b',
    '/a b',
    '/\ta',
    'https://a',
    '/api/v1/session',
    `/${'a'.repeat(3_000)}`,
  ];
  expect([...own, ...others].filter(isOwnPath)).toEqual(own);
});

test('what a provider says is taken as far as a policy can name it', () => {
  const names = { userClaim: 'preferred_username', groupsClaim: 'groups' };
  const many = Array.from({ length: 99 }, (_, index) => `g${index}`);
  expect(readClaims({ preferred_username: 'A', groups: 'One' }, names)).toEqual({
    name: 'a',
    groups: ['one'],
    dropped: 0,
  });
  expect(readClaims({ preferred_username: 'a', groups: many }, names)).toMatchObject({ dropped: 39 });
  expect(readClaims({ preferred_username: 'a b' }, names)).toBeUndefined();
  // In small letters the sign of the kelvin is a k, and İ an i with a dot.
  expect(readClaims({ preferred_username: 'mi\u212Ae' }, names)).toBeUndefined();
  expect(readClaims({ preferred_username: 'a', groups: ['bac\u212Aup', '\u0130t'] }, names)?.groups).toEqual(
    [],
  );
  expect(readClaims({ groups: ['x'] }, names)).toBeUndefined();
  const byMail = { ...names, userClaim: 'email' };
  expect(readClaims({ email: 'a@x.example' }, byMail)).toBeUndefined();
  expect(readClaims({ email: 'a@x.example', email_verified: true }, byMail)?.name).toBe('a@x.example');
});
