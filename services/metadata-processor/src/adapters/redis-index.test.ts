import {
  ListRecordingsResponse,
  type Recording,
} from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { RecordingId, TenantId } from '@sealtrack/ids/ids';
import { connectRedis } from '@sealtrack/redis/connect';
import { testRedis } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import { createListRecordings } from '../list-recordings.ts';
import { AGENTS } from '../testing/recordings.ts';
import { createRedisIndex } from './redis-index.ts';
import { createRedisSearch } from './redis-search.ts';

const server = await testRedis();
const redis = connectRedis({ transport: PLAINTEXT, url: server.url, name: 'test' });
afterAll(() => redis[Symbol.asyncDispose]());
const index = createRedisIndex(redis.client, AGENTS);
const list = createListRecordings(
  createRedisSearch(redis.client, { agentAttributes: AGENTS, onIncomplete: () => {} }),
);
const all = { pageSize: 0, pageToken: '', quarantined: false, filter: undefined };

let tenants = 0;
const newTenant = () => `tenant-${++tenants}` as TenantId;
const recording = (
  tenantId: string,
  recordingId: string,
  startedAt: string,
  more: Partial<Recording> = {},
): Recording => ({
  tenantId,
  recordingId,
  profileId: '101',
  startedAt: new Date(startedAt),
  storedAt: new Date('2026-01-01T00:00:00Z'),
  attributes: { agent: 'Zoë' },
  manifestKey: 'recordings/x/recording.json',
  media: [
    {
      mediaId: 'main',
      contentType: 'audio/wav',
      suite: 'pkcs7',
      plaintextSize: 2n ** 40n,
      ciphertextSize: 1n,
      certificateIds: [],
      hasWaveform: true,
    },
  ],
  ...{ mediaType: 'voice', quarantineReason: '', rewrappedAt: undefined, traceId: 'a'.repeat(32) },
  ...{ capturedAt: new Date('2026-01-01T00:00:01Z'), encryptedAt: new Date('2026-01-01T00:00:02Z') },
  ...more,
});

test('what was added is there as it was, and nothing else', async () => {
  const tenant = newTenant();
  const added = recording(tenant, 'a', '2026-01-01T10:00:00Z');
  expect(await index.add(added)).toEqual({ recording: added, added: true });
  expect(await index.get(tenant, 'a' as RecordingId)).toEqual(added);
  expect(await index.get(tenant, 'b' as RecordingId)).toBeUndefined();
  expect(await index.get(newTenant(), 'a' as RecordingId)).toBeUndefined();
});

test('adding it again changes nothing, also when it is said differently', async () => {
  const tenant = newTenant();
  const first = await index.add(recording(tenant, 'a', '2026-01-01T10:00:00Z'));
  const again = await index.add(recording(tenant, 'a', '2026-01-01T10:00:00Z', { storedAt: new Date() }));
  expect(again).toEqual({ ...first, added: false });
  expect((await list({ ...all, tenantId: tenant })).recordings).toHaveLength(1);
});

test('pages go from the newest to the oldest, each recording once, also at the same instant', async () => {
  const tenant = newTenant();
  const days = ['01', '02', '03', '03', '03', '04', '05'];
  for (const [i, day] of days.entries())
    await index.add(recording(tenant, `r${i}`, `2026-01-${day}T00:00:00Z`));
  const seen: string[] = [];
  let pageToken = '';
  do {
    const page = await list({ ...all, tenantId: tenant, pageSize: 3, pageToken });
    seen.push(...page.recordings.map((each) => each.recordingId));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  expect(seen).toEqual(['r6', 'r5', 'r4', 'r3', 'r2', 'r1', 'r0']);
});

test('a page of recordings with much to say of them still fits into one message', async () => {
  const tenant = newTenant();
  const attributes = Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`n${i}`, '漢'.repeat(1024)]));
  const ids = Array.from({ length: 40 }, (_, i) => `r${String(i).padStart(2, '0')}`);
  for (const id of ids) await index.add(recording(tenant, id, '2026-01-01T00:00:00Z', { attributes }));
  const seen: string[] = [];
  let pageToken = '';
  do {
    const page = await list({ ...all, tenantId: tenant, pageToken });
    expect(ListRecordingsResponse.encode(page).finish().length).toBeLessThan(4 * 1024 * 1024);
    seen.push(...page.recordings.map((each) => each.recordingId));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  expect(seen).toEqual(ids.toReversed());
});

test.each([
  ['page_token', { pageToken: 'made-up' }],
  ['page_size', { pageSize: 1001 }],
  ['tenant_id', { tenantId: 'a}b' }],
])('a malformed %s is refused by name', async (field, change) => {
  const request = { ...all, tenantId: 'demo', ...change };
  await expect(list(request)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', details: { field } });
});

test('Redis away is said as such, with what to do', async () => {
  const gone = connectRedis({ transport: PLAINTEXT, url: 'redis://127.0.0.1:1', name: 'test' });
  const index = createRedisIndex(gone.client, AGENTS);
  await expect(index.get(newTenant(), 'a' as RecordingId)).rejects.toMatchObject({
    code: 'INDEX_UNAVAILABLE',
  });
  await gone[Symbol.asyncDispose]();
});
