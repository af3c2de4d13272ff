import { testNats } from '@sealtrack/testkit/test-servers';
import { afterAll, expect, test } from 'vitest';
import { profileWorld } from './testing/profile-world.ts';

const nats = await testNats();
const world = await profileWorld(nats.url);
afterAll(() => world[Symbol.asyncDispose]());
const { kv, create, update, assign, remove, get, saveScreen } = world;
const [A = '', B = '', C = ''] = world.held;
const idsOf = (list: readonly { readonly certificateId: string }[] | undefined) =>
  list?.map(({ certificateId }) => certificateId);
const wrong = (field: string) => ({ code: 'INVALID_ARGUMENT', details: { field } });

test('a profile is created once, encrypting unless told otherwise', async () => {
  expect(await create({ profileId: '1' })).toMatchObject({
    ...{ name: 'Sales', suite: 'pkcs7', policy: 'required', certificates: [], deleted: false },
  });
  await expect(create({ profileId: '1' })).rejects.toMatchObject({ code: 'PROFILE_EXISTS' });
  expect(await create({ profileId: '2', suite: 'cms', policy: 'off' })).toMatchObject({
    ...{ suite: 'cms', policy: 'off' },
  });
});

test.each([
  ['suite', { suite: 'rot13' }],
  ['policy', { policy: 'sometimes' }],
  ['name', { name: '' }],
])('a wrong %s is refused by name, in a new profile and a changed one', async (field, request) => {
  await expect(create({ profileId: '3', ...request })).rejects.toMatchObject(wrong(field));
  await create({ profileId: `3${field.length}` });
  if (field === 'name') return;
  await expect(update({ profileId: `3${field.length}`, ...request })).rejects.toMatchObject(wrong(field));
});

test('a change leaves what it does not name', async () => {
  await create({ profileId: '4', suite: 'cms' });
  await assign({ profileId: '4', certificateIds: [A] });
  expect(await update({ profileId: '4', policy: 'optional' })).toMatchObject({ policy: 'optional' });
  const renamed = await update({ profileId: '4', name: 'Support' });
  expect(renamed).toMatchObject({ name: 'Support', suite: 'cms', policy: 'optional' });
  expect(idsOf(renamed.certificates)).toEqual([A]);
  expect(await get('4')).toEqual(renamed);
  expect(world.said.profiles.at(-1)).toEqual(renamed);
});

test.each([
  ['nothing at all', 'name', {}],
  ['no settings of its own for voice', 'no_own_settings', { noOwnSettings: true }],
  ['a policy for none', 'policy', { noOwnSettings: true, mediaType: 'screen', policy: 'off' }],
  ['an unheard-of media type', 'media_type', { policy: 'off', mediaType: 'smoke-signals' }],
])('a change to %s is refused', async (_, field, request) => {
  await expect(update({ profileId: '1', ...request })).rejects.toMatchObject(wrong(field));
});

test('a policy alone takes nobody certificates away: settings of its own begin with those in force', async () => {
  await create({ profileId: '5' });
  await assign({ profileId: '5', certificateIds: [A] });
  const digital = await update({ profileId: '5', mediaType: 'digital', policy: 'optional' });
  expect(digital).toMatchObject({ policy: 'required', digital: { policy: 'optional' } });
  expect(idsOf(digital.digital?.certificates)).toEqual([A]);

  const likeVoice = await update({ profileId: '5', mediaType: 'screen', policy: 'optional' });
  expect(idsOf(likeVoice.screen?.certificates)).toEqual([A]);
  expect((await update({ profileId: '5', mediaType: 'screen', noOwnSettings: true })).screen).toBeUndefined();
  await saveScreen({ certificateIds: [B, C] });
  const likeTenant = await update({ profileId: '5', mediaType: 'screen', policy: 'optional' });
  expect(idsOf(likeTenant.screen?.certificates)).toEqual([B, C]);
  expect(idsOf(likeTenant.digital?.certificates)).toEqual([A]);

  await assign({ profileId: '5', certificateIds: [C], mediaType: 'screen' });
  const own = await update({ profileId: '5', mediaType: 'screen', policy: 'required' });
  expect(own.screen?.policy).toBe('required');
  expect(idsOf(own.screen?.certificates)).toEqual([C]);
});

test('of two changes at once one is made, and the other told', async () => {
  const { revision: expectedRevision } = await create({ profileId: '6' });
  const both = await Promise.allSettled([
    update({ profileId: '6', policy: 'off', expectedRevision }),
    remove({ profileId: '6', expectedRevision }),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const conflict = both.find((each) => each.status === 'rejected')?.reason;
  expect(conflict).toMatchObject({ code: 'PROFILE_CONFLICT', fix: expect.any(String) });
});

test('a deleted profile stays known, without certificates and with a policy that encrypts', async () => {
  await create({ profileId: '7', policy: 'off' });
  await assign({ profileId: '7', certificateIds: [A] });
  const { revision } = await assign({ profileId: '7', certificateIds: [B], mediaType: 'digital' });
  await expect(remove({ profileId: '7', expectedRevision: revision - 1n })).rejects.toMatchObject({
    code: 'PROFILE_CONFLICT',
  });
  const gone = await remove({ profileId: '7', expectedRevision: revision });
  expect(gone).toMatchObject({
    ...{ name: 'Sales', deleted: true, certificates: [], policy: 'required', digital: undefined },
  });
  expect(await get('7')).toEqual(gone);
  expect(world.said.profiles.at(-1)).toEqual(gone);

  expect(await remove({ profileId: '7', expectedRevision: revision })).toEqual(gone);
  for (const change of [
    update({ profileId: '7', policy: 'off' }),
    assign({ profileId: '7', certificateIds: [A] }),
    remove({ profileId: '777' }),
  ])
    await expect(change).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
});

test('a deleted profile can be created anew, by one of two who try', async () => {
  await create({ profileId: '8', policy: 'off', suite: 'cms' });
  const { revision } = await remove({ profileId: '8' });
  const both = await Promise.allSettled([1, 2].map(() => create({ profileId: '8', name: 'Again' })));
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const again = await get('8');
  expect(again).toMatchObject({ name: 'Again', suite: 'pkcs7', policy: 'required', deleted: false });
  expect(again.revision).toBeGreaterThan(revision);
});

test('what older versions wrote encrypts, and so does a policy that nobody knows', async () => {
  const older = { tenantId: 'demo', profileId: '9', name: 'Old', suite: 'pkcs7', certificates: [] };
  await kv.create('demo.9', Buffer.from(JSON.stringify(older)));
  expect(await get('9')).toMatchObject({ policy: 'required', deleted: false, screen: undefined });
  const newer = { ...older, profileId: '10', policy: 'whatever', digital: { policy: 'whenever' } };
  await kv.create('demo.10', Buffer.from(JSON.stringify(newer)));
  expect(await get('10')).toMatchObject({ policy: 'required', digital: { policy: 'required' } });
});

test('an entry that cannot be read says so, and how to be rid of it', async () => {
  await kv.create('demo.11', Buffer.from('garbage'));
  await expect(get('11')).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    fix: expect.stringContaining('nats kv del profiles demo.11'),
  });
});
