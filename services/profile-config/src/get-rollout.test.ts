import { connectBus } from '@sealtrack/bus/connect';
import { openKv } from '@sealtrack/bus/kv';
import { ensureStreams } from '@sealtrack/bus/streams';
import { EncryptorStatus } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { BUCKETS, SUBJECTS } from '@sealtrack/contracts/subjects';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { createKvEncryptors } from './adapters/kv-encryptors.ts';
import { createKvPushedEntries } from './adapters/kv-pushed-entries.ts';
import { createGetRollout } from './get-rollout.ts';

const server = await testNats();
const bus = await connectBus({ transport: PLAINTEXT, url: server.url, name: 'test' });
afterAll(() => bus[Symbol.asyncDispose]());
await ensureStreams(bus);
const profiles = openKv(bus, BUCKETS.profiles);
const encryptors = openKv(bus, BUCKETS.encryptors);
const warned: unknown[] = [];
const ignore = () => {};
const log = { debug: ignore, info: ignore, warn: (fields: unknown) => warned.push(fields), error: ignore };
const rollout = createGetRollout(
  createKvPushedEntries(profiles),
  createKvEncryptors(encryptors, log),
  () => new Date(),
);
const get = (profileId: string) => rollout({ tenantId: 'demo', profileId });

const push = async (key: string) => BigInt(await profiles.put(key, Buffer.from('{}')));
const report = (instance: string, fields: Partial<EncryptorStatus>) => {
  const [reportedAt, currentAt] = [new Date(), new Date()];
  const status = EncryptorStatus.fromPartial({ instance, reportedAt, currentAt, ...fields });
  return encryptors.put(instance, Buffer.from(JSON.stringify(EncryptorStatus.toJSON(status))));
};
const states = async (profileId: string) =>
  Object.fromEntries((await get(profileId)).encryptors.map(({ instance, state }) => [instance, state]));

beforeEach(async () => {
  for (const { key, revision } of await encryptors.list()) await encryptors.delete(key, revision);
});

test('each encryptor is compared with the newest revision, as it reports', async () => {
  const [old, revision] = [await push('demo.101'), await push('demo.101')];
  const refused = {
    key: 'demo.101',
    revision,
    certificateId: '',
    reason: 'root-untrusted',
    message: 'm',
    nextStep: 'n',
  };
  await report('a', { revision });
  await report('b', { revision: old });
  await report('c', { revision, refused: [refused], refusedTotal: 1 });
  await report('d', { revision, reportedAt: new Date(Date.now() - 40_000) });
  const answer = await get('101');
  expect(answer.revision).toBe(revision);
  expect(answer.encryptors.map(({ state }) => state)).toEqual([
    'STATE_APPLIED',
    'STATE_PENDING',
    'STATE_REFUSED',
    'STATE_SILENT',
  ]);
  expect(answer.encryptors[2]?.refused).toEqual([refused]);

  await report('b', { revision });
  expect(await states('101')).toMatchObject({ b: 'STATE_APPLIED' });
});

test('without a profile it is that of the screen settings', async () => {
  await expect(get('')).rejects.toMatchObject({
    code: 'PROFILE_NOT_FOUND',
    message: expect.stringContaining('screen'),
  });
  const revision = await push(SUBJECTS.screenKey('demo'));
  await report('a', { revision: revision - 1n });
  expect(await states('')).toEqual({ a: 'STATE_PENDING' });
});

test('a profile that nobody ever saved is not found', async () => {
  await expect(get('999')).rejects.toMatchObject({
    code: 'PROFILE_NOT_FOUND',
    details: { profile_id: '999' },
  });
  await expect(get('x')).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    details: { field: 'profile_id' },
  });
});

test('what one encryptor garbled hides no other', async () => {
  const revision = await push('demo.102');
  await encryptors.put('torn', Buffer.from('{"revision":"x'));
  await report('whole', { revision });
  expect(await states('102')).toEqual({ whole: 'STATE_APPLIED' });
  expect(warned).toMatchObject([{ instance: 'torn' }]);
});
