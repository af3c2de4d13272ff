import { AssignedCertificate, HoldingKey } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import type { TenantId } from '@sealtrack/ids/ids';
import { testNats } from '@sealtrack/testkit/test-servers';
import { afterAll, afterEach, expect, test } from 'vitest';
import { createKvHoldingKeys } from './adapters/kv-holding-keys.ts';
import { createMakeUpHoldingKeys } from './make-up-holding-keys.ts';
import { profileWorld } from './testing/profile-world.ts';

const nats = await testNats();
const world = await profileWorld(nats.url);
afterAll(() => world[Symbol.asyncDispose]());
afterEach(() => {
  world.onHolding = async () => {};
});
const { kv, create, saveScreen } = world;
const away = new AppError('SERVICE_UNAVAILABLE', 'the crypto server is away', { fix: 'start it' });

const holdingOf = async (tenantId: string) => {
  const entry = await kv.get(`${tenantId}.holding`);
  return entry && HoldingKey.fromJSON(JSON.parse(Buffer.from(entry.value).toString()));
};

test.each([
  ['profile', 'ivr', (tenantId: string) => create({ tenantId, profileId: '1' })],
  ['screen settings', 'screens', (tenantId: string) => saveScreen({ tenantId })],
])('the key is there before the first %s', async (_, tenantId, write) => {
  const keys: string[] = [];
  world.onHolding = async () => void keys.push(...(await kv.list()).map(({ key }) => key));
  const { revision } = await write(tenantId);
  expect(keys.filter((key) => key.startsWith(`${tenantId}.`))).toEqual([]);
  expect(await holdingOf(tenantId)).toMatchObject({ tenantId, certificate: { replaces: '', chain: [] } });
  expect((await kv.get(`${tenantId}.holding`))?.revision).toBeLessThan(Number(revision));
});

test('the crypto server is asked only where there is none', async () => {
  await create({ tenantId: 'asked', profileId: '1' });
  world.onHolding = async () => {
    throw away;
  };
  await create({ tenantId: 'asked', profileId: '2' });
  await saveScreen({ tenantId: 'asked' });
});

test('while it cannot be had, nothing is written', async () => {
  world.onHolding = async () => {
    throw away;
  };
  await expect(create({ tenantId: 'none', profileId: '1' })).rejects.toBe(away);
  await expect(saveScreen({ tenantId: 'none' })).rejects.toBe(away);
  expect((await kv.list()).filter(({ key }) => key.startsWith('none.'))).toEqual([]);
});

test('who was killed between key and profile goes on from there', async () => {
  const certificate = AssignedCertificate.fromPartial({ der: Buffer.from('a certificate') });
  await createKvHoldingKeys(kv).add({ tenantId: 'killed', certificate });
  world.onHolding = async () => {
    throw new Error('there is one');
  };
  await create({ tenantId: 'killed', profileId: '1' });
  expect(await holdingOf('killed')).toEqual({ tenantId: 'killed', certificate });
});

test('of two keys the first one stays', async () => {
  const keys = createKvHoldingKeys(kv);
  const made = ['one', 'other'].map((alias) => ({
    tenantId: 'race',
    certificate: AssignedCertificate.fromPartial({ alias, der: Buffer.from(alias) }),
  }));
  await Promise.all(made.map((key) => keys.add(key)));
  const first = await holdingOf('race');
  expect(made).toContainEqual(first);
  for (const key of made) await keys.add(key);
  expect(await holdingOf('race')).toEqual(first);
});

test('two who create at once agree on one key', async () => {
  const both = Promise.withResolvers<void>();
  let asking = 0;
  world.onHolding = async () => {
    asking += 1;
    if (asking === 2) both.resolve();
    await both.promise;
  };
  await Promise.all(['1', '2'].map((profileId) => create({ tenantId: 'both', profileId })));
  expect((await kv.list()).filter(({ key }) => key === 'both.holding')).toHaveLength(1);
});

test('one that nobody can read is replaced', async () => {
  await kv.create('torn.holding', Buffer.from('garbage'));
  await create({ tenantId: 'torn', profileId: '1' });
  expect((await holdingOf('torn'))?.certificate?.der.length).toBeGreaterThan(0);
});

test('tenants of before are given theirs; when nobody can, it is tried again later', async () => {
  const asked: string[] = [];
  const errors: object[] = [];
  let failure: Error | undefined = away;
  const makeUp = createMakeUpHoldingKeys({
    withoutKey: () => ['x', 'y'] as TenantId[],
    ensureHoldingKey: async (tenantId) => {
      asked.push(tenantId);
      if (failure !== undefined) throw failure;
    },
    log: { debug() {}, info() {}, warn() {}, error: (fields) => errors.push(fields) },
  });
  const { signal } = new AbortController();
  await makeUp(signal);
  expect(asked.splice(0)).toEqual(['x']);
  failure = new Error('only this one');
  await makeUp(signal);
  expect(asked.splice(0)).toEqual(['x', 'y']);
  failure = undefined;
  await makeUp(signal);
  expect(asked).toEqual(['x', 'y']);
  expect(errors).toMatchObject([{ tenantId: 'x' }, { tenantId: 'x' }, { tenantId: 'y' }]);
});
