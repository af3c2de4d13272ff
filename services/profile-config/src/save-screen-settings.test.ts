import { testNats } from '@sealtrack/testkit/test-servers';
import { afterAll, expect, test } from 'vitest';
import { idOf, profileWorld } from './testing/profile-world.ts';

const nats = await testNats();
const world = await profileWorld(nats.url);
afterAll(() => world[Symbol.asyncDispose]());
const { screen, saveScreen } = world;
const [A = '', B = '', C = '', , LIKE_A = ''] = world.held;
const idsOf = (list: readonly { readonly certificateId: string }[] | undefined) =>
  list?.map(({ certificateId }) => certificateId);

test('a tenant has none until they are saved, as one change that everybody is told of', async () => {
  expect(await screen('one')).toBeUndefined();
  const saved = await saveScreen({ tenantId: 'one', certificateIds: [A, B] });
  expect(saved).toMatchObject({ tenantId: 'one', policy: 'required' });
  expect(idsOf(saved.certificates)).toEqual([A, B]);
  expect(await screen('one')).toEqual(saved);
  expect(world.said.screens.at(-1)).toEqual(saved);
  expect(await screen('two')).toBeUndefined();
});

test('taking the last one away does not turn encryption off; saying so does', async () => {
  await saveScreen({ tenantId: 'three', certificateIds: [A] });
  const none = await saveScreen({ tenantId: 'three' });
  expect(none).toMatchObject({ certificates: [], policy: 'required' });
  expect(await saveScreen({ tenantId: 'three', policy: 'off' })).toMatchObject({ policy: 'off' });
  const back = await saveScreen({ tenantId: 'three', certificateIds: [B] });
  expect(back).toMatchObject({ policy: 'off' });
  expect(await screen('three')).toEqual(back);
});

test('two administrators at once: one is told, whether there were settings before or not', async () => {
  for (const round of ['first', 'later']) {
    const before = await screen('four');
    expect(before === undefined).toBe(round === 'first');
    const both = await Promise.allSettled(
      [A, B].map((id) =>
        saveScreen({
          ...{ tenantId: 'four', certificateIds: [id], expectedRevision: before?.revision ?? 0n },
        }),
      ),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const reason = both.find((each) => each.status === 'rejected')?.reason;
    expect(reason).toMatchObject({ code: 'PROFILE_CONFLICT', fix: expect.any(String) });
    const made = both.find((each) => each.status === 'fulfilled')?.value;
    expect(await screen('four')).toEqual(made);
  }
});

test('a change made from none is refused once there are some, which otherwise are taken as they are', async () => {
  const first = await saveScreen({ tenantId: 'eight', certificateIds: [A], expectNone: true });
  await expect(
    saveScreen({ tenantId: 'eight', certificateIds: [B], expectNone: true }),
  ).rejects.toMatchObject({ code: 'PROFILE_CONFLICT', details: { revision: String(first.revision) } });
  expect(await screen('eight')).toEqual(first);
  const forced = await saveScreen({ tenantId: 'eight', certificateIds: [B] });
  expect(idsOf(forced.certificates)).toEqual([B]);
});

test('a change made from settings that are not there is refused', async () => {
  await expect(
    saveScreen({ tenantId: 'five', certificateIds: [A], expectedRevision: 7n }),
  ).rejects.toMatchObject({ code: 'PROFILE_CONFLICT' });
  expect(await screen('five')).toBeUndefined();
});

test('a successor is saved with it', async () => {
  const useFrom = new Date('2027-01-01T00:00:00Z');
  const successions = [{ certificateId: B, replaces: A, useFrom }];
  await saveScreen({ tenantId: 'six', certificateIds: [A, B], successions });
  const { certificates } = await saveScreen({ tenantId: 'six', certificateIds: [A, B, C] });
  expect(certificates).toMatchObject([{ replaces: '' }, { replaces: A, useFrom }, { replaces: '' }]);
});

test.each([
  ['KEY_NOT_HELD', { certificateIds: [A, idOf('f')] }],
  ['INVALID_ARGUMENT', { certificateIds: [A, LIKE_A] }],
  ['INVALID_ARGUMENT', { certificateIds: [A], policy: 'never' }],
  ['INVALID_ARGUMENT', { certificateIds: [A], successions: [{ certificateId: A, replaces: A }] }],
  [
    'INVALID_ARGUMENT',
    { certificateIds: Array.from({ length: 17 }, (_, i) => idOf('0').replace(/../, `${i + 10}`)) },
  ],
])('%s leaves everything as it is: %j', async (code, request) => {
  await expect(saveScreen({ tenantId: 'seven', ...request } as never)).rejects.toMatchObject({ code });
  expect(await screen('seven')).toBeUndefined();
  // Nor is there a key for a tenant that has nothing.
  expect(await world.kv.get('seven.holding')).toBeUndefined();
});
