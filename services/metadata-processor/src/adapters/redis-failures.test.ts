import {
  ListFailedCapturesRequest,
  type RecordingFilter,
} from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { RecordingId, TenantId } from '@sealtrack/ids/ids';
import { connectRedis } from '@sealtrack/redis/connect';
import { testRedis } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import { createGetTimeline } from '../get-timeline.ts';
import { createListFailedCaptures } from '../list-failed-captures.ts';
import { createRecordEncrypted } from '../record-encrypted.ts';
import { createRecordGivenUp } from '../record-given-up.ts';
import { createRecordKeptInClear } from '../record-kept-in-clear.ts';
import { delivered, encrypted, givenUp, keptInClear } from '../testing/events.ts';
import { AGENTS, certificate, newTenant } from '../testing/recordings.ts';
import { createRedisAccesses } from './redis-accesses.ts';
import { createRedisFailures } from './redis-failures.ts';
import { createRedisIndex } from './redis-index.ts';

const server = await testRedis();
const redis = connectRedis({ transport: PLAINTEXT, url: server.url, name: 'test' });
afterAll(() => redis[Symbol.asyncDispose]());

/** Dead letters that were retried, or deleted. */
const gone = new Set<number>();
let isKnown = true;
const deadLetters = { waiting: async () => (isKnown ? (n: number) => !gone.has(n) : undefined) };
const index = createRedisIndex(redis.client, AGENTS);
const failures = createRedisFailures(redis.client, deadLetters);
const timeline = createGetTimeline({ index, failures, accesses: createRedisAccesses(redis.client) });
const listFailed = createListFailedCaptures(failures);
let now = 0;
const clock = () => new Date(now);
const recordGivenUp = createRecordGivenUp(failures, clock);
const announcer = { recordingStored: async () => {} };
const recordEncrypted = createRecordEncrypted(index, announcer, clock, { add: () => {} });
const recordKeptInClear = createRecordKeptInClear(index, announcer, clock, { add: () => {} });

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 10, 0, second));
const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
let letters = 0;
/** A capture that failed, of an event that can be said again. */
function failed(tenantId: TenantId, recordingId: string, second: number, profileId = '101') {
  letters += 1;
  const data = givenUp(tenantId, recordingId, letters, profileId);
  const event = {
    ...{ ...delivered(data, 'x'), subject: `events.${tenantId}.capture.dead-lettered` },
    ...{ time: at(second), traceparent },
  };
  return { letter: letters, say: () => recordGivenUp(event), event };
}
const stored = (tenantId: TenantId, recordingId: string, second: number) => {
  now = Math.max(now, at(second).getTime());
  return recordEncrypted({
    ...delivered(
      { ...encrypted(tenantId, recordingId, [certificate(1)]), encryptedAt: at(second) },
      'encrypted',
    ),
    traceparent,
  });
};

const find = async (tenantId: TenantId, filter: Partial<RecordingFilter> = {}, pageSize = 0) => {
  const found: number[] = [];
  let pageToken = '';
  do {
    const request = { tenantId, pageSize, pageToken, filter: filter as RecordingFilter };
    const page = await listFailed(ListFailedCapturesRequest.fromPartial(request));
    found.push(...page.captures.map(({ deadLetter }) => Number(deadLetter)));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return found;
};
const happened = async (tenantId: TenantId, recordingId: string) =>
  (await timeline({ tenantId, recordingId })).entries.map(({ what, deadLetter }) =>
    deadLetter === 0n ? what : `${what} ${deadLetter}`,
  );

test('what failed is listed newest first, once however often it is said, readable or not', async () => {
  const tenant = newTenant();
  const all = [
    failed(tenant, 'call-1', 1),
    failed(tenant, '', 2, '102'),
    failed(tenant, 'no id: ?', 3),
    failed(tenant, 'call-1', 4),
  ];
  await Promise.all([...all, ...all].map(({ say }) => say()));
  for (const { event } of all) await recordGivenUp({ ...event, time: at(30) });
  const [one, two, three, four] = all.map(({ letter }) => letter);
  expect(await find(tenant)).toEqual([four, three, two, one]);
  expect(await find(tenant, {}, 1)).toEqual([four, three, two, one]);
  const { captures } = await listFailed(ListFailedCapturesRequest.fromPartial({ tenantId: tenant }));
  expect(captures[0]).toEqual({
    ...{ tenantId: tenant, recordingId: 'call-1', profileId: '101', deadLetter: BigInt(four ?? 0) },
    ...{ reason: 'PROFILE_NOT_FOUND', message: 'There is no profile 101', nextStep: 'Create it.' },
    ...{ failedAt: at(4), traceId: 'a'.repeat(32) },
  });
  expect(captures.map(({ recordingId }) => recordingId)).toEqual(['call-1', '', '', 'call-1']);
  expect(await find(newTenant())).toEqual([]);
  // The filter of all but who was on the line.
  expect(await find(tenant, { from: at(2), until: at(4) })).toEqual([three, two]);
  expect(await find(tenant, { profileId: '102' })).toEqual([two]);
  expect(await find(tenant, { query: 'CALL profile_not' })).toEqual([four, one]);
  expect(await find(tenant, { query: 'nowhere' })).toEqual([]);
});

test('one that is retried and stored leaves the list, and is in the timeline', async () => {
  const tenant = newTenant();
  const { say, letter } = failed(tenant, 'call-1', 1);
  await say();
  expect(await happened(tenant, 'call-1')).toEqual([`failed ${letter}`]);
  await stored(tenant, 'call-1', 5);
  expect(await find(tenant)).toEqual([]);
  await say();
  expect(await find(tenant)).toEqual([]);
  const { entries } = await timeline({ tenantId: tenant, recordingId: 'call-1' });
  expect(entries).toMatchObject([
    {
      ...{ what: 'failed', at: at(1), traceId: 'a'.repeat(32), deadLetter: 0n },
      ...{ reason: 'PROFILE_NOT_FOUND', message: 'There is no profile 101', nextStep: 'Create it.' },
    },
    { what: 'encrypted', at: at(5), traceId: 'a'.repeat(32), certificateIds: [certificate(1)] },
    { what: 'stored' },
  ]);
});

test.each(['encrypted', 'kept in clear'])(
  'whichever event comes first, one that was %s is made up for',
  async (how) => {
    const tenant = newTenant();
    const { say } = failed(tenant, 'call-1', 1);
    now = at(5).getTime();
    if (how === 'encrypted') await stored(tenant, 'call-1', 5);
    else await recordKeptInClear(delivered(keptInClear(tenant, 'call-1'), 'kept-in-clear'));
    await say();
    expect(await find(tenant)).toEqual([]);
    expect((await happened(tenant, 'call-1')).sort()).toEqual(
      how === 'encrypted' ? ['encrypted', 'failed', 'stored'] : ['failed', 'kept-in-clear', 'stored'],
    );
  },
);

test.each(['before', 'after'])(
  'another capture of the same id that failed after it was stored waits, heard of %s',
  async (order) => {
    const tenant = newTenant();
    const { say, letter } = failed(tenant, 'call-1', 9);
    if (order === 'before') await say();
    await stored(tenant, 'call-1', 5);
    if (order === 'after') await say();
    expect(await find(tenant)).toEqual([letter]);
    expect(await happened(tenant, 'call-1')).toContain(`failed ${letter}`);
  },
);

test('what is no dead letter any more waits no more, and is forgotten unless it became a recording', async () => {
  const tenant = newTenant();
  const [readable, unreadable, retried] = [
    failed(tenant, 'call-1', 1),
    failed(tenant, '', 2),
    failed(tenant, 'call-2', 3),
  ];
  for (const { say } of [readable, unreadable, retried]) await say();
  for (const { letter } of [readable, unreadable, retried]) gone.add(letter);
  isKnown = false;
  expect(await find(tenant)).toHaveLength(3);
  await failures.forgetGone(tenant);
  isKnown = true;
  expect(await find(tenant)).toEqual([]);
  expect(await happened(tenant, 'call-1')).toEqual(['failed']);

  // Now and then, when another one fails.
  now += 60_001;
  await failed(tenant, 'call-3', 4).say();
  expect(await redis.client.zcard(`st:{${tenant}}:failed`)).toBe(1);
  expect(await redis.client.exists(`st:{${tenant}}:failed:of:`)).toBe(0);
  const lives = (id: string) => redis.client.pttl(`st:{${tenant}}:failed:of:${id}`);
  expect(await lives('call-1')).toBeGreaterThan(29 * 24 * 3600 * 1000);
  await stored(tenant, 'call-2', 5);
  expect(await lives('call-2')).toBe(-1);
  expect(await happened(tenant, 'call-2')).toEqual(['failed', 'encrypted', 'stored']);
});

test('of a recording that fails again and again the newest are kept', async () => {
  const tenant = newTenant();
  const all = Array.from({ length: 60 }, (_, n) => failed(tenant, 'call-1', n));
  for (const { say } of all) await say();
  expect(await find(tenant)).toEqual(
    all
      .slice(10)
      .map(({ letter }) => letter)
      .reverse(),
  );
  expect(await failures.of(tenant, 'call-1' as RecordingId)).toHaveLength(50);
});

test('what cannot be is refused by name', async () => {
  const tenant = newTenant();
  const { event } = failed(tenant, 'call-1', 1);
  const wrong = { code: 'INVALID_ARGUMENT', details: { field: 'tenant_id' } };
  await expect(recordGivenUp({ ...event, subject: 'events.x.capture.dead-lettered' })).rejects.toMatchObject(
    wrong,
  );
  await expect(find(tenant, { agent: 'anna' })).rejects.toMatchObject({ details: { field: 'agent' } });
  await expect(find(tenant, { certificateId: certificate(1) })).rejects.toMatchObject({
    details: { field: 'certificate_id' },
  });
  await expect(timeline({ tenantId: tenant, recordingId: 'none' })).rejects.toMatchObject({
    code: 'RECORDING_NOT_FOUND',
  });
});
