import { IvrProfile, ListProfilesRequest } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { testNats } from '@sealtrack/testkit/test-servers';
import { afterAll, expect, test } from 'vitest';
import { createBucketWatch } from './adapters/bucket-watch.ts';
import { createProfileLists } from './adapters/profile-lists.ts';
import { createListProfiles } from './list-profiles.ts';
import { idOf, profileWorld } from './testing/profile-world.ts';

const nats = await testNats();
const world = await profileWorld(nats.url);
afterAll(() => world[Symbol.asyncDispose]());
const { kv, create, update, assign, remove, list, saveScreen } = world;
const [A = '', B = ''] = world.held;
const listed = async (request: Parameters<typeof list>[0]) =>
  (await list(request)).profiles.map(({ profileId }) => profileId);

test('the list is that of the tenant, in the order of the numbers, without what is large', async () => {
  const ids = ['20', '3', '100', '999999999999999999', '999999999999999998'];
  for (const profileId of ids) await create({ tenantId: 'order', profileId });
  await assign({ tenantId: 'order', profileId: '3', certificateIds: [A] });
  await assign({ tenantId: 'order', profileId: '3', certificateIds: [B], mediaType: 'digital' });
  await saveScreen({ tenantId: 'order', certificateIds: [A] });
  const { profiles, total, nextPageToken } = await list({ tenantId: 'order' });
  expect(profiles.map(({ profileId }) => profileId)).toEqual([
    ...['3', '20', '100', '999999999999999998', '999999999999999999'],
  ]);
  expect([total, nextPageToken]).toEqual([5, '']);
  const [
    {
      certificates: [voice],
      digital,
    } = IvrProfile.create(),
  ] = profiles;
  expect(voice).toMatchObject({ certificateId: A, alias: 'Alias aa', notAfter: expect.any(Date) });
  expect([voice?.der.length, voice?.chain, digital?.certificates[0]?.der.length]).toEqual([0, [], 0]);
});

test('what was just written is in it', async () => {
  for (let round = 1; round <= 40; round += 1) {
    const { revision } = await create({ tenantId: 'fresh', profileId: String(round) });
    const { profiles } = await list({ tenantId: 'fresh', pageSize: 500 });
    expect(profiles.at(-1)).toMatchObject({ profileId: String(round), revision });
    const renamed = await update({ tenantId: 'fresh', profileId: '1', name: `Round ${round}` });
    expect((await list({ tenantId: 'fresh' })).profiles[0]).toEqual(renamed);
  }
});

test('pages lead to every one of them, whatever comes and goes meanwhile', async () => {
  for (let id = 1; id <= 7; id += 1) await create({ tenantId: 'pages', profileId: String(id) });
  const first = await list({ tenantId: 'pages', pageSize: 3 });
  expect(first.profiles.map(({ profileId }) => profileId)).toEqual(['1', '2', '3']);
  expect(first.total).toBe(7);
  await remove({ tenantId: 'pages', profileId: '3' });
  const second = await list({ tenantId: 'pages', pageSize: 3, pageToken: first.nextPageToken });
  expect(second.profiles.map(({ profileId }) => profileId)).toEqual(['4', '5', '6']);
  const third = await list({ tenantId: 'pages', pageSize: 3, pageToken: second.nextPageToken });
  expect(third).toMatchObject({ profiles: [{ profileId: '7' }], nextPageToken: '', total: 6 });
  expect(await listed({ tenantId: 'pages', pageToken: '7' })).toEqual([]);
});

test.each([
  ['page_size', { pageSize: 501 }],
  ['page_token', { pageToken: 'x' }],
  ['query', { query: 'a\nb' }],
])('a wrong %s is refused by name', async (field, request) => {
  await expect(list(request)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', details: { field } });
});

test('a search looks at ids and names, and at the certificates of every media type', async () => {
  const of = { tenantId: 'search' };
  await create({ ...of, profileId: '101', name: 'Sales Nord' });
  await create({ ...of, profileId: '102', name: 'Support' });
  await create({ ...of, profileId: '103', name: 'Billing' });
  await assign({ ...of, profileId: '102', certificateIds: [A] });
  await assign({ ...of, profileId: '103', certificateIds: [B], mediaType: 'digital' });
  await remove({ ...of, profileId: '101' });
  expect(await listed({ ...of, query: 'nord' })).toEqual([]);
  expect(await listed({ ...of, query: ' NORD ', includeDeleted: true })).toEqual(['101']);
  expect(await listed({ ...of, query: '10' })).toEqual(['102', '103']);
  expect(await listed({ ...of, query: 'AAAAAAAA' })).toEqual(['102']);
  expect(await listed({ ...of, query: 'alias b' })).toEqual(['103']);
  expect(await list({ ...of, query: 'alias', pageSize: 1 })).toMatchObject({ total: 2 });
});

test('a profile that cannot be read is left out and logged, and hides no other', async () => {
  const revision = await kv.create('torn.1', Buffer.from('garbage'));
  await create({ tenantId: 'torn', profileId: '2' });
  expect(await listed({ tenantId: 'torn' })).toEqual(['2']);
  expect(world.logged).toMatchObject([{ key: 'torn.1' }]);
  await kv.delete('torn.1', revision);
  expect(await listed({ tenantId: 'torn' })).toEqual(['2']);
});

test('a page is cut where a message would become too large', async () => {
  const long = 'n'.repeat(120);
  const certificates = Array.from({ length: 16 }, (_, at) => ({
    ...{ certificateId: idOf('0').replace(/../, String(at + 10)), keyId: idOf('f'), alias: long },
  }));
  const settings = { certificates, policy: 'required' };
  for (let id = 1; id <= 300; id += 1) {
    const profile = { tenantId: 'large', profileId: String(id), name: long, ...settings, screen: settings };
    await kv.create(`large.${id}`, Buffer.from(JSON.stringify({ ...profile, digital: settings })));
  }
  const ids: string[] = [];
  for (let pageToken = '', pages = 0; pages < 10; pages += 1) {
    const page = await list({ tenantId: 'large', pageSize: 500, pageToken });
    const bytes = page.profiles.reduce((sum, each) => sum + IvrProfile.encode(each).finish().length, 0);
    expect(bytes).toBeLessThan(4 * 1024 * 1024);
    ids.push(...page.profiles.map(({ profileId }) => profileId));
    pageToken = page.nextPageToken;
    if (pageToken === '') break;
    expect(bytes).toBeGreaterThan(2_000_000);
  }
  expect(ids).toEqual(Array.from({ length: 300 }, (_, at) => String(at + 1)));
});

test('ten thousand profiles of three certificates cost a list next to nothing', async () => {
  const changes = {
    upToDate: true,
    entries: Array.from({ length: 10_000 }, (_, at) => ({
      key: `many.${10_000 - at}`,
      revision: at + 1,
      value: Buffer.from(
        JSON.stringify({
          ...{ tenantId: 'many', profileId: String(10_000 - at), name: `Profile ${at}`, suite: 'pkcs7' },
          certificates: ['a', 'b', 'c'].map((digit) => ({
            ...{ certificateId: idOf(digit), keyId: idOf(digit), alias: 'sales' },
            ...{ der: 'A'.repeat(1_200), chain: ['A'.repeat(1_600), 'A'.repeat(1_600)] },
          })),
        }),
      ),
    })),
  };
  const stop = new AbortController();
  async function* many() {
    yield changes;
    await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
  }
  const watch = createBucketWatch({ ...kv, watch: many }, { debug() {}, info() {}, warn() {}, error() {} });
  const ask = createListProfiles(createProfileLists(watch));
  const following = watch.follow(stop.signal);
  await watch.ready;
  const begin = performance.now();
  for (let round = 0; round < 20; round += 1) {
    const request = { tenantId: 'many', pageSize: 500, query: 'sales', pageToken: '9000' };
    const { profiles, total } = await ask(ListProfilesRequest.fromPartial(request));
    expect([profiles.at(-1)?.profileId, total]).toEqual(['9500', 10_000]);
  }
  expect((performance.now() - begin) / 20).toBeLessThan(100);
  stop.abort();
  await following;
});

test('while the bus is away nobody is shown what may be out of date', async () => {
  await create({ tenantId: 'away', profileId: '1' });
  await nats.kill();
  await expect
    .poll(() => list({ tenantId: 'away' }).catch((error: unknown) => error), { timeout: 20_000 })
    .toMatchObject({ code: 'BUS_UNAVAILABLE', fix: expect.any(String) });
  await nats.restart();
  await expect.poll(() => listed({ tenantId: 'away' }).catch(() => []), { timeout: 20_000 }).toEqual(['1']);
});
