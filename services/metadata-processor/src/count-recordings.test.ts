import type { TenantId } from '@sealtrack/ids/ids';
import { connectRedis, type RedisClient } from '@sealtrack/redis/connect';
import { testRedis } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import { createRedisCertificateIndex } from './adapters/redis-certificate-index.ts';
import { createRedisIndex } from './adapters/redis-index.ts';
import { createCountOlder } from './count-older.ts';
import { createCountRecordings } from './count-recordings.ts';
import { addAsBefore } from './testing/add-as-before.ts';
import { AGENTS, certificate, newTenant, recordingFor } from './testing/recordings.ts';

const server = await testRedis();
const redis = connectRedis({ transport: PLAINTEXT, url: server.url, name: 'test' });
afterAll(() => redis[Symbol.asyncDispose]());

/** A processor as far as certificates go. */
function processor(client: RedisClient = redis.client) {
  const lines: string[] = [];
  const say = (_: object, message: string) => void lines.push(message);
  const log = { debug: say, info: say, warn: say, error: say };
  const ended = new AbortController();
  const certificates = createRedisCertificateIndex(client);
  const countOlder = createCountOlder(certificates, log, ended.signal);
  const countRecordings = createCountRecordings(certificates, countOlder);
  const count = async (tenantId: TenantId, n: number) =>
    Number((await countRecordings({ tenantId, certificateId: certificate(n) })).recordings);
  return { index: createRedisIndex(client, AGENTS), certificates, countOlder, count, ended, lines };
}
const { index, certificates, count, countOlder } = processor();

const addManyAsBefore = async (tenantId: TenantId, many: number) => {
  const old = Array.from({ length: many }, (_, n) =>
    recordingFor(tenantId, `old-${n}`, [certificate(n % 3)]),
  );
  await Promise.all(old.map((each) => addAsBefore(redis.client, each)));
};
const stillCounting = { code: 'INDEX_UNAVAILABLE', fix: expect.stringContaining('Wait') };

test('a recording counts once with each of its certificates, however many of its media name it', async () => {
  const tenant = newTenant();
  await index.add(
    recordingFor(tenant, 'a', [certificate(1), certificate(2)], [certificate(1), certificate(1)]),
  );
  await index.add(recordingFor(tenant, 'b', [certificate(2)]));
  expect(await count(tenant, 1)).toBe(1);
  expect(await count(tenant, 2)).toBe(2);
  expect(await count(tenant, 3)).toBe(0);
  expect(await count(newTenant(), 1)).toBe(0);
});

test('an event that comes again counts once, also when it comes with other certificates', async () => {
  const tenant = newTenant();
  await index.add(recordingFor(tenant, 'a', [certificate(1)]));
  await index.add(recordingFor(tenant, 'a', [certificate(1)]));
  await index.add(recordingFor(tenant, 'a', [certificate(2)]));
  expect(await count(tenant, 1)).toBe(1);
  expect(await count(tenant, 2)).toBe(0);
});

test('thousands that are added at once are all counted', async () => {
  const tenant = newTenant();
  const ids = Array.from({ length: 5_000 }, (_, n) => `call-${n}`);
  await Promise.all(
    ids.map((id, n) => index.add(recordingFor(tenant, id, [certificate(1)], [certificate(n % 2)]))),
  );
  expect(await count(tenant, 1)).toBe(5_000);
  expect(await count(tenant, 0)).toBe(2_500);
});

test('recordings of an older version are counted at the start, whoever has some', async () => {
  const [one, two] = [newTenant(), newTenant()];
  await addManyAsBefore(one, 120);
  await addManyAsBefore(two, 3);
  await index.add(recordingFor(one, 'new', [certificate(0)]));
  await countOlder.ofAll();
  expect(await Promise.all([0, 1, 2].map((n) => count(one, n)))).toEqual([41, 40, 40]);
  expect(await count(two, 2)).toBe(1);
});

test('until they are counted no answer is given; asking makes a processor count them', async () => {
  const tenant = newTenant();
  await addManyAsBefore(tenant, 120);
  await index.add(recordingFor(tenant, 'new', [certificate(0)]));
  await expect(count(tenant, 0)).rejects.toMatchObject(stillCounting);
  await expect(count(tenant, 99)).rejects.toMatchObject(stillCounting);
  await countOlder.ended();
  expect(await count(tenant, 0)).toBe(41);
});

test('each step is kept: what one processor leaves, the next goes on with, and nothing is counted twice', async () => {
  const tenant = newTenant();
  await addManyAsBefore(tenant, 230);
  const steps: number[] = [];
  for (;;) {
    const step = await processor().certificates.countOlder(tenant);
    if (step === undefined) break;
    expect(step).toBeGreaterThan(0);
    steps.push(step);
  }
  expect(steps.length).toBeGreaterThan(3);
  expect(steps.reduce((sum, each) => sum + each, 0)).toBe(230);
  expect(await Promise.all([0, 1, 2].map((n) => count(tenant, n)))).toEqual([77, 77, 76]);
});

test('a Redis that dies in the middle of a step is counted to the end when it is back', async () => {
  const tenant = newTenant();
  await addManyAsBefore(tenant, 300);
  expect(await certificates.countOlder(tenant)).toBeGreaterThan(0);
  // Whether this step is done, in part or not at all is unknown.
  const step = certificates.countOlder(tenant).catch((error: unknown) => error);
  await server.kill();
  await step;
  await countOlder.of(tenant);
  await server.restart();
  await redis.ready();
  await expect(count(tenant, 0)).rejects.toMatchObject(stillCounting);
  await countOlder.ended();
  expect(await Promise.all([0, 1, 2].map((n) => count(tenant, n)))).toEqual([100, 100, 100]);
});

test('several processors that count the same recordings while more come count each once', async () => {
  const tenant = newTenant();
  await addManyAsBefore(tenant, 400);
  const coming = Array.from({ length: 200 }, (_, n) => recordingFor(tenant, `aa-${n}`, [certificate(0)]));
  await Promise.all([
    ...[processor(), processor(), processor()].map((each) => each.countOlder.of(tenant)),
    ...coming.map((recording) => index.add(recording)),
  ]);
  expect(await count(tenant, 0)).toBe(134 + 200);
});

test('what an older version beside this one adds is seen, and counted in another pass', async () => {
  const tenant = newTenant();
  await addManyAsBefore(tenant, 70);
  await countOlder.of(tenant);
  expect(await count(tenant, 0)).toBe(24);
  await addAsBefore(redis.client, recordingFor(tenant, 'beside', [certificate(0)]));
  await expect(count(tenant, 0)).rejects.toMatchObject(stillCounting);
  await countOlder.ended();
  expect(await count(tenant, 0)).toBe(25);
});

test('a recording that names no certificate holds nothing up', async () => {
  const tenant = newTenant();
  await addAsBefore(redis.client, recordingFor(tenant, 'old'));
  await index.add(recordingFor(tenant, 'new', []));
  await countOlder.of(tenant);
  expect(await count(tenant, 1)).toBe(0);
});

test('a recording that cannot be read is said in the log, and no answer is given without it', async () => {
  const tenant = newTenant();
  await addManyAsBefore(tenant, 3);
  await redis.client.set(`st:{${tenant}}:recording:old-1`, 'not JSON');
  const { countOlder, lines } = processor();
  await countOlder.of(tenant);
  expect(lines).toEqual(['could not count recordings of an older version']);
  await expect(count(tenant, 0)).rejects.toMatchObject(stillCounting);
});

test('an index that was changed by hand is said in the log, and counted anew once its sets are deleted', async () => {
  const tenant = newTenant();
  const { countOlder, lines } = processor();
  for (const id of ['a', 'b']) await index.add(recordingFor(tenant, id, [certificate(1)]));
  await redis.client.hset(`st:{${tenant}}:encrypted-to`, 'recordings', 3);
  await countOlder.of(tenant);
  expect(lines).toEqual([expect.stringContaining('docs/operations.md')]);
  await expect(count(tenant, 1)).rejects.toMatchObject(stillCounting);
  await countOlder.ended();

  const sets = await redis.client.keys(`st:{${tenant}}:encrypted-to*`);
  await redis.client.del(sets);
  await countOlder.of(tenant);
  expect(await count(tenant, 1)).toBe(2);
});

test('one that is asked to stop stops, and the next goes on', async () => {
  const tenant = newTenant();
  await addManyAsBefore(tenant, 120);
  const stopped = processor();
  stopped.ended.abort();
  await stopped.countOlder.of(tenant);
  await stopped.countOlder.ofAll();
  expect(await certificates.countEach(tenant, [certificate(0)])).toBeUndefined();
  await countOlder.of(tenant);
  expect(await count(tenant, 0)).toBe(40);
});

test.each([
  ['tenant_id', { tenantId: 'a}b' }],
  ['certificate_id', { certificateId: '' }],
  ['certificate_id', { certificateId: 'A'.repeat(64) }],
])('a malformed %s is refused by name', async (field, change) => {
  const ask = createCountRecordings(certificates, countOlder);
  const request = { tenantId: 'demo', certificateId: certificate(1), ...change };
  await expect(ask(request)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', details: { field } });
});

test('Redis away is said as such, and starting to count then is no crash', async () => {
  const gone = connectRedis({ transport: PLAINTEXT, url: 'redis://127.0.0.1:1', name: 'test' });
  const { count, countOlder, lines } = processor(gone.client);
  await expect(count(newTenant(), 1)).rejects.toMatchObject({ code: 'INDEX_UNAVAILABLE' });
  await countOlder.ofAll();
  expect(lines).toEqual(['could not look for recordings of an older version']);
  await gone[Symbol.asyncDispose]();
});
