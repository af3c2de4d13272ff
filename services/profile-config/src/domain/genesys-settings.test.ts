import { expect, test } from 'vitest';
import { parseGenesysSettings } from './genesys-settings.ts';

const parse = (document: unknown) => parseGenesysSettings(JSON.stringify(document));
const profile = (annex: unknown, others: object = {}) => ({
  profiles: [{ dbid: 101, name: 'Sales', annex, ...others }],
});
const voiceOf = (annex: unknown) => parse(profile(annex)).profiles[0]?.voice;
const ID = 'a'.repeat(64);

test('pairs are read in the order of their numbers, whatever gaps and capitals, and empty ones are none', () => {
  const group = {
    'certificatealias-10': 'rcs_1:10:CN=c:03',
    'Certificate-2': ' b ',
    'certificate-1': '',
    'certificatealias-1': '',
    'CERTIFICATEALIAS-02': 'rcs_1:2:CN=b:02',
    'something-else': 'x',
    spare: '-----BEGIN CERTIFICATE-----',
  };
  expect(voiceOf({ 'Recording-Certificates': group, 'gvp.general': { a: 1 } })).toEqual({
    certificates: [
      { n: 2, pem: 'b', alias: 'rcs_1:2:CN=b:02', replaces: '', useFrom: undefined },
      { n: 10, pem: '', alias: 'rcs_1:10:CN=c:03', replaces: '', useFrom: undefined },
    ],
    policy: undefined,
    strays: [
      { option: 'something-else', holdsCertificate: false },
      { option: 'spare', holdsCertificate: true },
    ],
  });
});

test('a section that is missing says nothing, and an empty one that there are none', () => {
  expect(voiceOf({})?.certificates).toBeUndefined();
  expect(voiceOf({ 'recording-certificates': {} })?.certificates).toEqual([]);
  expect(parse({ profiles: [{ dbid: '900719925474099312', name: '' }] }).profiles[0]).toMatchObject({
    ...{ profileId: '900719925474099312', suite: undefined, screen: undefined, isComplete: false },
  });
  expect(parse({ profiles: [] }).screen).toBeUndefined();
  expect(parse({ tenant: 1, screen: {} })).toMatchObject({ tenant: '1', screen: { certificates: [] } });
});

test('our own options are read where they are', () => {
  const own = { suite: 'cms', policy: 'optional', complete: 'true', 'use-from-1': '2027-01-01T00:00:00Z' };
  const screen = { 'certificate-3': 'c', policy: 'off', 'replaces-3': ID };
  const annex = {
    'recording-certificates': { 'certificate-1': 'a' },
    sealtrack: own,
    'sealtrack-screen': screen,
  };
  expect(parse(profile(annex)).profiles[0]).toMatchObject({
    ...{ suite: 'cms', isComplete: true, digital: undefined },
    voice: {
      policy: 'optional',
      certificates: [{ n: 1, useFrom: new Date('2027-01-01T00:00:00Z') }],
      strays: [],
    },
    screen: { policy: 'off', certificates: [{ n: 3, pem: 'c', replaces: ID }], strays: [] },
  });
});

const pairs = (group: object) => profile({ 'recording-certificates': group });
const own = (group: object) =>
  profile({ 'recording-certificates': { 'certificate-1': 'a' }, sealtrack: group });
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`certificate-${i + 1}`, 'x']));

test.each<[string, unknown, string]>([
  ['a list', [], ''],
  ['nothing', {}, ''],
  ['a tenant of another kind', { tenant: {}, profiles: [] }, 'tenant'],
  ['profiles that are no list', { profiles: {} }, 'profiles'],
  [
    'too many profiles',
    { profiles: Array.from({ length: 1001 }, (_, i) => ({ dbid: i + 1, name: 'x' })) },
    'profiles',
  ],
  ['a profile that is none', { profiles: [null] }, 'profiles[0]'],
  ['a DBID of zero', { profiles: [{ dbid: 0, name: 'x' }] }, 'profiles[0].dbid'],
  ['a DBID that a number cannot hold', { profiles: [{ dbid: 2 ** 53, name: 'x' }] }, 'profiles[0].dbid'],
  ['a DBID that is no whole number', { profiles: [{ dbid: 1.5, name: 'x' }] }, 'profiles[0].dbid'],
  [
    'a DBID twice',
    {
      profiles: [
        { dbid: 7, name: 'x' },
        { dbid: '7', name: 'y' },
      ],
    },
    'profiles[1].dbid',
  ],
  [
    'a section twice',
    {
      profiles: [
        { dbid: 7, name: 'x', annex: { Sealtrack: { policy: 'required' }, sealtrack: { policy: 'off' } } },
      ],
    },
    'profile 7: annex.sealtrack',
  ],
  ['no name', { profiles: [{ dbid: 101 }] }, 'profile 101: name'],
  ['an Annex that is none', profile('x'), 'profile 101: annex'],
  [
    'a section that is none',
    profile({ 'recording-certificates': [] }),
    'profile 101: annex.recording-certificates',
  ],
  [
    'an option that is no text',
    pairs({ 'certificate-1': 1 }),
    'profile 101: annex.recording-certificates.certificate-1',
  ],
  [
    'an option twice',
    pairs({ 'certificate-1': 'a', 'certificate-01': 'b' }),
    'profile 101: annex.recording-certificates.certificate-01',
  ],
  [
    'an option twice, in another case',
    own({ policy: 'off', ' Policy': 'required' }),
    'profile 101: annex.sealtrack. Policy',
  ],
  ['too many certificates', pairs(many(17)), 'profile 101: annex.recording-certificates'],
  ['an unknown policy', own({ policy: 'none' }), 'profile 101: annex.sealtrack.policy'],
  ['an unknown suite', own({ suite: 'rot13' }), 'profile 101: annex.sealtrack.suite'],
  ['a misspelt option of ours', own({ polcy: 'off' }), 'profile 101: annex.sealtrack.polcy'],
  ['half an answer', own({ complete: 'maybe' }), 'profile 101: annex.sealtrack.complete'],
  [
    'a time that is none',
    own({ 'use-from-1': '2027-02-31T00:00:00Z' }),
    'profile 101: annex.sealtrack.use-from-1',
  ],
  ['a succession of nothing', own({ 'replaces-2': ID }), 'profile 101: annex.sealtrack.replaces-2'],
  ['a succession to nobody', own({ 'replaces-1': 'sales' }), 'profile 101: annex.sealtrack.replaces-1'],
  ['options about no screen', { profiles: [], sealtrack: {} }, 'sealtrack'],
  ['an unknown option about screen', { screen: {}, sealtrack: { suite: 'cms' } }, 'sealtrack.suite'],
])('%s is refused by its place', (_, document, place) => {
  expect(() => parse(document)).toThrow(
    expect.objectContaining({
      ...{ code: 'INVALID_ARGUMENT', details: { field: 'document', place } },
      message: expect.stringContaining(`${place} `),
    }),
  );
});

test('16 certificates and 1000 profiles are not too many', () => {
  expect(voiceOf({ 'recording-certificates': many(16) })?.certificates).toHaveLength(16);
  const profiles = Array.from({ length: 1000 }, (_, i) => ({ dbid: i + 1, name: 'x' }));
  expect(parse({ profiles }).profiles).toHaveLength(1000);
});

test('what is no JSON, or too large, is refused', () => {
  expect(() => parseGenesysSettings('{')).toThrow('no JSON');
  expect(parseGenesysSettings('\ufeff{"profiles":[]}').profiles).toEqual([]);
  expect(() => parse({ profiles: [], filler: 'ä'.repeat(1_600_000) })).toThrow(/has 32\d{5} bytes/);
});
