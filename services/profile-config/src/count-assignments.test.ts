import { AppError } from '@sealtrack/errors/app-error';
import type { TenantId } from '@sealtrack/ids/ids';
import { testNats } from '@sealtrack/testkit/test-servers';
import { afterAll, expect, test } from 'vitest';
import { createProfileLists } from './adapters/profile-lists.ts';
import { createCountAssignments } from './count-assignments.ts';
import { createListTenants } from './list-tenants.ts';
import { idOf, profileWorld } from './testing/profile-world.ts';

const nats = await testNats();
const world = await profileWorld(nats.url);
afterAll(() => world[Symbol.asyncDispose]());
const { create, assign, remove, saveScreen, lists, kv } = world;
const [A = '', B = '', C = ''] = world.held;
const count = createCountAssignments(lists);
const listTenants = createListTenants(lists);
const of = { tenantId: 'counted' };
const none = { profiles: 0, screen: false, profileIds: [] };

test('each certificate is counted once a profile, whatever media it is for, in the order asked for', async () => {
  for (const profileId of ['12', '3', '101', '9']) await create({ ...of, profileId });
  for (const profileId of ['12', '3', '9']) await assign({ ...of, profileId, certificateIds: [A] });
  await assign({ ...of, profileId: '3', certificateIds: [A, B], mediaType: 'digital' });
  await assign({ ...of, profileId: '101', certificateIds: [B], mediaType: 'screen' });
  await remove({ ...of, profileId: '9' });
  await saveScreen({ ...of, certificateIds: [A] });
  const { assignments } = await count({ ...of, certificateIds: [C, B, A] });
  expect(assignments).toEqual([
    none,
    { profiles: 2, screen: false, profileIds: ['3', '101'] },
    { profiles: 2, screen: true, profileIds: ['3', '12'] },
  ]);
  await saveScreen({ ...of, certificateIds: [C] });
  await assign({ ...of, profileId: '12', certificateIds: [B] });
  expect((await count({ ...of, certificateIds: [A, C] })).assignments).toEqual([
    { profiles: 1, screen: false, profileIds: ['3'] },
    { ...none, screen: true },
  ]);
  expect((await count({ tenantId: 'other', certificateIds: [A] })).assignments).toEqual([none]);
});

test('tenants are those of every entry there is, in order', async () => {
  await kv.put('zeta.holding', Buffer.from('{}'));
  await create({ tenantId: 'alpha', profileId: '1' });
  await saveScreen({ tenantId: 'gamma', certificateIds: [] });
  expect((await listTenants()).tenantIds).toEqual(['alpha', 'counted', 'gamma', 'zeta']);
});

test('of a certificate that many profiles have, the first 100 are named', async () => {
  const profile = { deleted: false, certificates: [{ certificateId: A }] };
  const all = Array.from({ length: 150 }, (_, n) => ({ ...profile, profileId: String(n + 1) }));
  const many = createCountAssignments({ ...lists, list: async () => all as never });
  const [{ profiles, profileIds } = { ...none, profileIds: [''] }] = (
    await many({ ...of, certificateIds: [A] })
  ).assignments;
  expect([profiles, profileIds.length, profileIds.at(-1)]).toEqual([150, 100, '100']);
});

test.each([
  ['tenant_id', { tenantId: 'a b' }],
  ['certificate_id', { certificateIds: ['x'] }],
  ['certificate_ids', { certificateIds: Array.from({ length: 501 }, () => idOf('a')) }],
])('a wrong %s is refused by name', async (field, change) => {
  const asked = count({ ...of, certificateIds: [], ...change });
  await expect(asked).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', details: { field } });
});

test('nothing is said while it is not known what is the newest', async () => {
  const unknown = new AppError('BUS_UNAVAILABLE', 'It is not known', { fix: 'Wait.' });
  const away = createProfileLists({ onChange: () => {}, upToDate: () => Promise.reject(unknown) });
  const asked = createCountAssignments(away)({ tenantId: 'counted' as TenantId, certificateIds: [] });
  await expect(asked).rejects.toBe(unknown);
  await expect(createListTenants(away)()).rejects.toBe(unknown);
});
