import {
  IvrProfile,
  ScreenSettings,
  EncryptorRollout_State as State,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { ALICE, startConsoleWorld } from '../../testing/console-world.ts';

const world = await startConsoleWorld();
afterAll(() => world[Symbol.asyncDispose]());

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);
const certificates = [
  { certificateId: A, alias: 'old', notBefore: new Date(0), notAfter: new Date('2026-06-01T00:00:00Z') },
  { certificateId: B, alias: 'new', replaces: A, useFrom: new Date('2026-05-01T00:00:00Z'), revoked: true },
];
const profile = IvrProfile.fromPartial({
  ...{ tenantId: 'demo', profileId: '101', name: 'Sales', suite: 'cms', revision: 12n, certificates },
  digital: { policy: 'off' },
});
const shown = {
  ...{ profileId: '101', name: 'Sales', suite: 'cms', revision: '12', isDeleted: false, screen: null },
  voice: {
    policy: 'required',
    certificates: [
      {
        ...{ certificateId: A, alias: 'old', notBefore: '1970-01-01T00:00:00.000Z', isRevoked: false },
        ...{ notAfter: '2026-06-01T00:00:00.000Z', replaces: null, useFrom: null },
      },
      { certificateId: B, isRevoked: true, replaces: A, useFrom: '2026-05-01T00:00:00.000Z' },
    ],
  },
  digital: { policy: 'off', certificates: [] },
};

const screen = ScreenSettings.fromPartial({ certificates, policy: 'optional', revision: 9n });

beforeEach(() => {
  world.calls.length = 0;
  const told = async () => ({ profile });
  world.on = {
    listProfiles: async () => ({ profiles: [profile], total: 230, nextPageToken: '101' }),
    ...{ createProfile: told, getProfile: told, updateProfile: told, assignCertificates: told },
    deleteProfile: told,
    getScreenSettings: async () => ({ settings: screen }),
    saveScreenSettings: async () => ({ settings: screen }),
  };
});

const asked = () => world.calls.map(({ method, request }) => [method, request]);

test('a page of profiles', async () => {
  const { json } = await world.read('GET', '/profiles?query=sal&page=50');
  expect(json).toMatchObject({ profiles: [shown], total: 230, nextPage: '101' });
  expect(world.calls).toMatchObject([
    { caller: ALICE.names, request: { tenantId: 'demo', pageSize: 100, pageToken: '50', query: 'sal' } },
  ]);
  world.on.listProfiles = async () => ({});
  expect((await world.read('GET', '/profiles')).json).toEqual({ profiles: [], total: 0, nextPage: null });
});

const of101 = { tenantId: 'demo', profileId: '101' };
test.each<[string, string, object | undefined, string, object]>([
  ['GET', '/profiles/101', undefined, 'getProfile', of101],
  [
    ...(['POST', '/profiles', { profileId: '101', name: 'Sales', suite: 'cms', policy: 'off' }] as const),
    ...(['createProfile', { ...of101, name: 'Sales', suite: 'cms', policy: 'off' }] as const),
  ],
  [
    ...(['PATCH', '/profiles/101', { name: '', expectedRevision: '12' }] as const),
    ...(['updateProfile', { ...of101, name: '', suite: undefined, expectedRevision: 12n }] as const),
  ],
  [
    ...(['PATCH', '/profiles/101', { policy: 'off', mediaType: 'screen', expectedRevision: '3' }] as const),
    ...(['updateProfile', { policy: 'off', mediaType: 'screen', noOwnSettings: false }] as const),
  ],
  [
    ...([
      'PATCH',
      '/profiles/101',
      { noOwnSettings: true, mediaType: 'digital', expectedRevision: '3' },
    ] as const),
    ...(['updateProfile', { noOwnSettings: true, mediaType: 'digital' }] as const),
  ],
  [
    ...(['PUT', '/profiles/101/certificates'] as const),
    { mediaType: 'voice', certificateIds: [B, A], expectedRevision: '9007199254740993' },
    'assignCertificates',
    { ...of101, certificateIds: [B, A], expectedRevision: 9007199254740993n, none: false },
  ],
  [
    ...(['PUT', '/profiles/101/certificates'] as const),
    { mediaType: 'screen', certificateIds: [], expectedRevision: '1' },
    'assignCertificates',
    { mediaType: 'screen', none: true },
  ],
  [
    ...(['DELETE', '/profiles/101?expectedRevision=12', undefined, 'deleteProfile'] as const),
    { ...of101, expectedRevision: 12n },
  ],
])('%s %s with %o', async (method, path, body, call, request) => {
  const { status, json } = await world.read(method, path, body);
  expect([status, json]).toMatchObject([200, shown]);
  expect(asked()).toMatchObject([[call, request]]);
});

test('screen settings, whether there are some or not', async () => {
  const settings = { policy: 'optional', revision: '9', certificates: [{ alias: 'old' }, { alias: 'new' }] };
  expect((await world.read('GET', '/screen')).json).toMatchObject({ settings });
  const change = { certificateIds: [A], policy: 'optional', expectedRevision: '8' };
  expect((await world.read('PUT', '/screen', change)).json).toMatchObject({ settings });
  await world.read('PUT', '/screen', { ...change, expectedRevision: null });
  expect(asked().slice(1)).toMatchObject([
    ['saveScreenSettings', { expectedRevision: 8n, expectNone: false, certificateIds: [A] }],
    ['saveScreenSettings', { expectedRevision: 0n, expectNone: true }],
  ]);
  world.on.getScreenSettings = async () => ({});
  expect((await world.read('GET', '/screen')).json).toEqual({ settings: null });
});

test('who runs it', async () => {
  const refused = [{ reason: 'expired', message: 'It is', nextStep: 'Renew it.', certificateId: A }];
  world.on.getRollout = async () => ({
    revision: 12n,
    encryptors: [
      { instance: 'one', state: State.APPLIED, reportedAt: new Date(0) },
      { instance: 'two', state: State.REFUSED, refused },
      { instance: 'three', state: State.SILENT },
    ],
  });
  const { json } = await world.read('GET', '/profiles/101/rollout');
  expect(json).toEqual({
    revision: '12',
    encryptors: [
      { instance: 'one', state: 'applied', reportedAt: '1970-01-01T00:00:00.000Z', refused: [] },
      { instance: 'two', state: 'refused', reportedAt: null, refused },
      { instance: 'three', state: 'silent', reportedAt: null, refused: [] },
    ],
  });
  await world.read('GET', '/screen/rollout');
  expect(asked()).toMatchObject([
    ['getRollout', of101],
    ['getRollout', { profileId: '' }],
  ]);
});

const assignment = { mediaType: 'voice', certificateIds: [A], expectedRevision: '1' };
test.each<[string, string, object | undefined, string]>([
  ['GET', '/profiles/abc', undefined, 'profile_id'],
  ['GET', `/profiles?query=${'x'.repeat(1_001)}`, undefined, 'query'],
  ['POST', '/profiles', { profileId: '0', name: '', suite: 'cms', policy: 'off' }, 'profile_id'],
  ['POST', '/profiles', { profileId: '1', name: '', suite: 'rot13', policy: 'off' }, 'suite'],
  ['PATCH', '/profiles/101', { name: 'x' }, 'expectedRevision'],
  ['PATCH', '/profiles/101', { name: 'x', expectedRevision: 12 }, 'expectedRevision'],
  // 0 would take whatever is there.
  ['PUT', '/profiles/101/certificates', { ...assignment, expectedRevision: '0' }, 'expectedRevision'],
  ['PUT', '/profiles/101/certificates', { ...assignment, certificateIds: ['x'] }, 'certificateIds.0'],
  [
    'PUT',
    '/profiles/101/certificates',
    { ...assignment, certificateIds: Array(101).fill(A) },
    'certificateIds',
  ],
  ['PUT', '/screen', { certificateIds: [], policy: 'off' }, 'expectedRevision'],
  ['DELETE', '/profiles/101', undefined, 'expectedRevision'],
])('%s %s with %j is refused by the field', async (method, path, body, field) => {
  expect(await world.read(method, path, body)).toMatchObject({
    status: 400,
    json: { code: 'INVALID_ARGUMENT', details: { field } },
  });
  expect(world.calls).toEqual([]);
});

test('somebody else was first', async () => {
  world.on.assignCertificates = async () => {
    throw new AppError('PROFILE_CONFLICT', 'It has moved on', { fix: 'See what it is now.' });
  };
  expect(await world.read('PUT', '/profiles/101/certificates', assignment)).toMatchObject({
    status: 409,
    json: { code: 'PROFILE_CONFLICT', title: 'It has moved on', fix: 'See what it is now.' },
  });
});
