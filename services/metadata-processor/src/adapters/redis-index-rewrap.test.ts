import type { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { RecordingId, TenantId } from '@sealtrack/ids/ids';
import { connectRedis, type RedisClient } from '@sealtrack/redis/connect';
import { testRedis } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import { createListRecordings } from '../list-recordings.ts';
import { addAsBefore } from '../testing/add-as-before.ts';
import { AGENTS, certificate, newTenant, recordingFor } from '../testing/recordings.ts';
import { createRedisCertificateIndex } from './redis-certificate-index.ts';
import { createRedisIndex } from './redis-index.ts';
import { createRedisSearch } from './redis-search.ts';

const server = await testRedis();
const redis = connectRedis({ transport: PLAINTEXT, url: server.url, name: 'test' });
afterAll(() => redis[Symbol.asyncDispose]());
const index = createRedisIndex(redis.client, AGENTS);
const certificates = createRedisCertificateIndex(redis.client);
const searchOn = (client: RedisClient) =>
  createRedisSearch(client, { agentAttributes: AGENTS, onIncomplete: () => {} });
const list = createListRecordings(searchOn(redis.client));

const HOLDING = certificate(9);
const at = (second: number) => new Date(Date.UTC(2026, 0, 2, 0, 0, second));
const held = (tenant: TenantId, id: string): Recording => ({
  ...recordingFor(tenant, id, [HOLDING]),
  quarantineReason: 'expired',
});
const rewrappedTo = (tenant: TenantId, id: string, to: number, second: number): Recording => ({
  ...recordingFor(tenant, id, [certificate(to)]),
  ...{ rewrappedAt: at(second), storedAt: at(59) },
});
const counts = (tenant: TenantId, ...ids: number[]) => certificates.countEach(tenant, ids.map(certificate));
const inQuarantine = async (tenantId: TenantId) =>
  (await list({ tenantId, pageSize: 0, pageToken: '', quarantined: true, filter: undefined })).recordings.map(
    ({ recordingId }) => recordingId,
  );

/** A connection on which something else happens right after the first answer to a command. */
function interrupted(
  command: 'get' | 'mget' | 'zrevrangebylex',
  meanwhile: () => Promise<unknown>,
): RedisClient {
  let happened = false;
  const run = redis.client[command].bind(redis.client) as (...args: unknown[]) => Promise<unknown>;
  return new Proxy(redis.client, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (name !== command) return typeof value === 'function' ? value.bind(target) : value;
      return async (...args: unknown[]) => {
        const answer = await run(...args);
        if (!happened) {
          happened = true;
          await meanwhile();
        }
        return answer;
      };
    },
  });
}

test('a recording that is re-wrapped leaves the quarantine, and the holding key is needed no more', async () => {
  const tenant = newTenant();
  const { recording: before } = await index.add(held(tenant, 'a'));
  await index.add(held(tenant, 'b'));
  expect(await inQuarantine(tenant)).toEqual(['b', 'a']);
  expect(await counts(tenant, 9, 1)).toEqual([2, 0]);

  const after = rewrappedTo(tenant, 'a', 1, 1);
  const expected = { ...after, storedAt: before.storedAt };
  expect(await index.rewrap(after)).toEqual({ recording: expected, added: false });
  expect(await index.get(tenant, 'a' as RecordingId)).toEqual(expected);
  expect(await inQuarantine(tenant)).toEqual(['b']);
  expect(await counts(tenant, 9, 1)).toEqual([1, 1]);
  await index.rewrap(rewrappedTo(tenant, 'b', 1, 1));
  expect(await counts(tenant, 9, 1)).toEqual([0, 2]);
  expect(await certificates.uncounted(tenant)).toBe(0);
});

test('one that was re-wrapped to what it has already stays where it is', async () => {
  const tenant = newTenant();
  await index.add(recordingFor(tenant, 'a', [certificate(1), certificate(2)]));
  await index.rewrap(rewrappedTo(tenant, 'a', 1, 1));
  expect(await counts(tenant, 1, 2)).toEqual([1, 0]);
});

test('of two re-wrappings at the same moment the one that is there stays, as it does when it is told again', async () => {
  const tenant = newTenant();
  await index.rewrap(rewrappedTo(tenant, 'a', 1, 1));
  expect(await index.rewrap(rewrappedTo(tenant, 'a', 2, 1))).toMatchObject({ added: false });
  expect(await counts(tenant, 1, 2)).toEqual([1, 0]);
});

test('a recording that says another start than before has one place in the list, and one in each set', async () => {
  const tenant = newTenant();
  await index.add(held(tenant, 'a'));
  await index.rewrap({ ...rewrappedTo(tenant, 'a', 1, 1), startedAt: at(30) });
  const { recordings } = await list({
    tenantId: tenant,
    pageSize: 0,
    pageToken: '',
    quarantined: false,
    filter: undefined,
  });
  expect(recordings).toHaveLength(1);
  expect(await counts(tenant, 9, 1)).toEqual([0, 1]);
  expect(await certificates.uncounted(tenant)).toBe(0);
});

test('the later of two wins when it comes between the look of the earlier one and its change', async () => {
  const tenant = newTenant();
  await index.add(held(tenant, 'a'));
  const client = interrupted('get', () => index.rewrap(rewrappedTo(tenant, 'a', 2, 2)));
  await createRedisIndex(client, AGENTS).rewrap(rewrappedTo(tenant, 'a', 1, 1));
  expect(await counts(tenant, 9, 1, 2)).toEqual([0, 0, 1]);
});

test('one that is put there between the look and the adding is re-wrapped all the same', async () => {
  const tenant = newTenant();
  const client = interrupted('get', () => index.add(held(tenant, 'a')));
  await createRedisIndex(client, AGENTS).rewrap(rewrappedTo(tenant, 'a', 1, 1));
  expect(await counts(tenant, 9, 1)).toEqual([0, 1]);
  expect(await inQuarantine(tenant)).toEqual([]);
});

test('one of an older version that is re-wrapped while it is being counted counts once, with its new certificates', async () => {
  const tenant = newTenant();
  await addAsBefore(redis.client, recordingFor(tenant, 'a', [HOLDING]));
  await addAsBefore(redis.client, recordingFor(tenant, 'b', [HOLDING]));
  const client = interrupted('mget', () => index.rewrap(rewrappedTo(tenant, 'a', 1, 1)));
  expect(await createRedisCertificateIndex(client).countOlder(tenant)).toBe(1);
  expect(await counts(tenant, 9, 1)).toEqual([1, 1]);
  expect(await certificates.uncounted(tenant)).toBe(0);
});

test('an entry that cannot be compared is said as such, and not tried for ever', async () => {
  const tenant = newTenant();
  const json = JSON.stringify({ recordingId: 'a', tenantId: tenant, attributes: { agent: 'Zo?' } });
  const broken = Buffer.from(json);
  broken[broken.indexOf('?')] = 0xff;
  await redis.client.set(`st:{${tenant}}:recording:a`, broken);
  await expect(index.rewrap(rewrappedTo(tenant, 'a', 1, 1))).rejects.toMatchObject({
    code: 'INTERNAL',
    fix: expect.stringContaining('docs/operations.md'),
  });
});

test('the quarantine has pages of its own, newest first', async () => {
  const tenant = newTenant();
  for (let n = 0; n < 25; n += 1)
    await index.add({
      ...(n % 2 === 0 ? held(tenant, `r${n}`) : recordingFor(tenant, `r${n}`, [certificate(1)])),
      startedAt: at(n),
    });
  const seen: string[] = [];
  const sizes: number[] = [];
  let pageToken = '';
  do {
    const page = await list({
      tenantId: tenant,
      pageSize: 5,
      pageToken,
      quarantined: true,
      filter: undefined,
    });
    seen.push(...page.recordings.map(({ recordingId }) => recordingId));
    sizes.push(page.recordings.length);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  expect(seen).toEqual(Array.from({ length: 13 }, (_, n) => `r${24 - 2 * n}`));
  expect(sizes).toEqual([5, 5, 3]);
});

test('one that is re-wrapped while a page of the quarantine is read is not shown as being there', async () => {
  const tenant = newTenant();
  for (const id of ['a', 'b']) await index.add(held(tenant, id));
  const client = interrupted('zrevrangebylex', () => index.rewrap(rewrappedTo(tenant, 'a', 1, 1)));
  const page = await createListRecordings(searchOn(client))({
    ...{ tenantId: tenant, pageSize: 0, pageToken: '', quarantined: true, filter: undefined },
  });
  expect(page.recordings.map(({ recordingId }) => recordingId)).toEqual(['b']);
});
