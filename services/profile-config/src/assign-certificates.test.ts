import { AppError } from '@sealtrack/errors/app-error';
import { testNats } from '@sealtrack/testkit/test-servers';
import { afterAll, expect, test } from 'vitest';
import { idOf, profileWorld } from './testing/profile-world.ts';

const nats = await testNats();
const world = await profileWorld(nats.url);
afterAll(() => world[Symbol.asyncDispose]());
const { create, assign, get } = world;
const [A = '', B = '', C = '', D = '', LIKE_A = ''] = world.held;
const NEW_YEAR = new Date('2027-01-01T00:00:00Z');

const idsOf = (list: readonly { readonly certificateId: string }[] | undefined) =>
  list?.map(({ certificateId }) => certificateId);

test('a profile keeps what is assigned to it, and everybody is told', async () => {
  const { revision } = await create({ profileId: '1' });
  const assigned = await assign({ profileId: '1', certificateIds: [A, B, A] });
  expect(idsOf(assigned.certificates)).toEqual([A, B]);
  expect(assigned.revision).toBeGreaterThan(revision);
  expect(await get('1')).toEqual(assigned);
  expect(world.said.profiles.at(-1)).toEqual(assigned);
});

test('one certificate that nobody can open keeps all of them from being assigned', async () => {
  await create({ profileId: '2' });
  await expect(assign({ profileId: '2', certificateIds: [A, idOf('f')] })).rejects.toMatchObject({
    code: 'KEY_NOT_HELD',
  });
  expect((await get('2')).certificates).toEqual([]);
});

test('two administrators at once: one change is made, the other refused', async () => {
  const { revision } = await create({ profileId: '3' });
  const both = await Promise.allSettled(
    [A, B].map((id) => assign({ profileId: '3', certificateIds: [id], expectedRevision: revision })),
  );
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(both.find((each) => each.status === 'rejected')?.reason).toMatchObject({ code: 'PROFILE_CONFLICT' });
});

test('nor is a change lost when nobody says what it was made from', async () => {
  await create({ profileId: '31' });
  const changes = Array.from({ length: 12 }, (_, at) =>
    at % 2 === 0
      ? world.update({ profileId: '31', name: `Name ${at}` })
      : assign({ profileId: '31', certificateIds: [A], mediaType: 'digital' }),
  );
  const settled = await Promise.allSettled(changes);
  for (const each of settled)
    if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'PROFILE_CONFLICT' });
  const done = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const last = done.toSorted((a, b) => Number(b.revision - a.revision))[0];
  expect(await get('31')).toEqual(last);
  // Each was made on the one before it, so that none has undone another.
  const isDigital = done.some(({ digital }) => digital !== undefined);
  expect(last?.digital !== undefined).toBe(isDigital);
});

test('a change to what is not there any more, or never was, is refused', async () => {
  const { revision } = await create({ profileId: '4' });
  await assign({ profileId: '4', certificateIds: [A] });
  await expect(
    assign({ profileId: '4', certificateIds: [A], expectedRevision: revision }),
  ).rejects.toMatchObject({ code: 'PROFILE_CONFLICT' });
  await expect(assign({ profileId: '5', certificateIds: [A] })).rejects.toMatchObject({
    code: 'PROFILE_NOT_FOUND',
  });
});

test('two certificates that an envelope could not tell apart are refused', async () => {
  await create({ profileId: '6' });
  await expect(assign({ profileId: '6', certificateIds: [A, LIKE_A] })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining('issuer and serial number'),
    details: { field: 'certificate_ids' },
  });
  expect((await get('6')).certificates).toEqual([]);
});

test.each([
  ['certificate_ids', { certificateIds: [] }],
  ['certificate_ids', { certificateIds: [A], none: true }],
  [
    'certificate_ids',
    { certificateIds: Array.from({ length: 17 }, (_, i) => i.toString(16).padStart(64, '0')) },
  ],
  ['certificate_id', { certificateIds: ['not-hex'] }],
  ['media_type', { certificateIds: [A], mediaType: 'smoke-signals' }],
])('a wrong %s is refused by name: %j', async (field, request) => {
  await expect(assign({ profileId: '1', ...request })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    details: { field },
  });
});

test('each media type has its own, and the others stay as they are', async () => {
  await create({ profileId: '7', policy: 'off' });
  await assign({ profileId: '7', certificateIds: [A] });
  await assign({ profileId: '7', certificateIds: [B], mediaType: 'screen' });
  const profile = await assign({ profileId: '7', certificateIds: [C, D], mediaType: 'digital' });
  expect(idsOf(profile.certificates)).toEqual([A]);
  expect(profile.policy).toBe('off');
  expect(idsOf(profile.screen?.certificates)).toEqual([B]);
  expect(idsOf(profile.digital?.certificates)).toEqual([C, D]);
  // What begins here encrypts, though the profile does not.
  expect([profile.screen?.policy, profile.digital?.policy]).toEqual(['required', 'required']);
});

test('the last one is taken away on purpose only, and the policy stays', async () => {
  await create({ profileId: '8' });
  await assign({ profileId: '8', certificateIds: [A] });
  expect(await assign({ profileId: '8', none: true })).toMatchObject({
    certificates: [],
    policy: 'required',
  });
});

test('some are taken away whatever became of the others, also while nobody can be asked', async () => {
  await create({ profileId: '9' });
  await assign({ profileId: '9', certificateIds: [A, B, C] });
  const revoked = new AppError('CERTIFICATE_UNUSABLE', 'revoked', { fix: 'assign another' });
  for (const id of [A, B]) world.refused.set(id, revoked);
  try {
    await expect(assign({ profileId: '9', certificateIds: [A, B, D] })).rejects.toBe(revoked);
    await expect(assign({ profileId: '9', certificateIds: [A, B, C] })).rejects.toBe(revoked);
    const fewer = await assign({ profileId: '9', certificateIds: [B, C] });
    expect(idsOf(fewer.certificates)).toEqual([B, C]);
    expect(fewer.certificates[0]?.der.length).toBeGreaterThan(0);
  } finally {
    world.refused.clear();
  }
});

test('a successor is named, kept by later changes, and free once its predecessor is gone', async () => {
  await create({ profileId: '10' });
  await assign({
    profileId: '10',
    certificateIds: [A, B],
    successions: [{ certificateId: B, replaces: A, useFrom: NEW_YEAR }],
  });
  const more = await assign({ profileId: '10', certificateIds: [A, B, C] });
  expect(more.certificates).toMatchObject([
    { certificateId: A, replaces: '', useFrom: undefined },
    { certificateId: B, replaces: A, useFrom: NEW_YEAR },
    { certificateId: C, replaces: '', useFrom: undefined },
  ]);
  expect(await get('10')).toEqual(more);
  const without = await assign({ profileId: '10', certificateIds: [B, C] });
  expect(without.certificates).toMatchObject([
    { certificateId: B, replaces: '', useFrom: undefined },
    { certificateId: C },
  ]);
});

test('what would be no entry for the bus is refused before it is written', async () => {
  const { revision } = await create({ profileId: '11' });
  world.chains.set(D, [Buffer.alloc(700_000)]);
  try {
    await expect(assign({ profileId: '11', certificateIds: [D] })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      details: { field: 'certificate_ids', max_bytes: '900000' },
    });
  } finally {
    world.chains.clear();
  }
  expect((await get('11')).revision).toBe(revision);
});
