import {
  ListRecordingsRequest,
  type Recording,
  type RecordingFilter,
} from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { TenantId } from '@sealtrack/ids/ids';
import { connectRedis, type RedisClient } from '@sealtrack/redis/connect';
import { testRedis } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import { createCountOlder } from '../count-older.ts';
import { agentAttributes } from '../domain/agents.ts';
import { createListRecordings } from '../list-recordings.ts';
import { addAsBefore } from '../testing/add-as-before.ts';
import { AGENTS, certificate, newTenant, recordingFor } from '../testing/recordings.ts';
import { createRedisCertificateIndex } from './redis-certificate-index.ts';
import { createRedisFoundBy } from './redis-found-by.ts';
import { createRedisIndex } from './redis-index.ts';
import { createRedisSearch } from './redis-search.ts';

const server = await testRedis();
const redis = connectRedis({ transport: PLAINTEXT, url: server.url, name: 'test' });
afterAll(() => redis[Symbol.asyncDispose]());
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

interface Options {
  readonly client?: RedisClient;
  readonly agents?: readonly string[];
  readonly most?: number;
}

/** A processor as far as searches go. */
function processor({ client = redis.client, agents = AGENTS, most }: Options = {}) {
  const incomplete: string[] = [];
  const onIncomplete = (tenantId: string) => void incomplete.push(tenantId);
  const search = createRedisSearch(client, { agentAttributes: agents, onIncomplete, most });
  const list = createListRecordings(search);
  const page = (tenantId: string, more: Partial<ListRecordingsRequest>) =>
    list(ListRecordingsRequest.fromPartial({ tenantId, ...more }));
  /** Every page, and how many there were. */
  const find = async (
    tenantId: string,
    filter: Partial<RecordingFilter>,
    more: Partial<ListRecordingsRequest> = {},
  ) => {
    const ids: string[] = [];
    const searchedTo: number[] = [];
    let pageToken = '';
    do {
      const answer = await page(tenantId, { ...more, filter: filter as RecordingFilter, pageToken });
      ids.push(...answer.recordings.map(({ recordingId }) => recordingId));
      pageToken = answer.nextPageToken;
      expect(answer.searchedTo === undefined).toBe(pageToken === '');
      if (answer.searchedTo !== undefined) searchedTo.push(answer.searchedTo.getTime());
    } while (pageToken !== '');
    expect(searchedTo).toEqual(searchedTo.toSorted((one, other) => other - one));
    return { ids, pages: searchedTo.length + 1 };
  };
  const certificates = createRedisCertificateIndex(client);
  const foundBy = createRedisFoundBy(client, agents);
  const fill = createCountOlder(foundBy, SILENT, new AbortController().signal, 'search');
  const count = createCountOlder(certificates, SILENT, new AbortController().signal);
  return { index: createRedisIndex(client, agents), page, find, incomplete, foundBy, fill, count };
}

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 10, minute));
const MANY = 60;
/** One a minute: agents anna, Björn and none, profiles 101 and 102, certificates 1 to 4, every tenth held. */
const recordings = (tenant: TenantId): Recording[] =>
  Array.from({ length: MANY }, (_, n) => ({
    ...recordingFor(tenant, `call-${n}`, [certificate(1 + (n % 4))]),
    startedAt: at(n),
    profileId: n % 2 === 0 ? '101' : '102',
    attributes: {
      ...(n % 3 === 0 ? { agentId: 'Anna' } : n % 3 === 1 ? { AGENT: 'Bjo\u0308rn  Ek ' } : {}),
      queue: n === 7 ? 'Gold Süd' : 'silver',
    },
    quarantineReason: n % 10 === 5 ? 'expired' : '',
  }));
const where = (fits: (n: number) => boolean) =>
  Array.from({ length: MANY }, (_, n) => MANY - 1 - n)
    .filter(fits)
    .map((n) => `call-${n}`);

type Case = [
  what: string,
  filter: Partial<RecordingFilter>,
  fits: (n: number) => boolean,
  quarantined?: boolean,
];
const CASES: Case[] = [
  ['nothing', {}, () => true],
  ['from', { from: at(50) }, (n) => n >= 50],
  ['until', { until: at(3) }, (n) => n < 3],
  ['from and until', { from: at(10), until: at(12) }, (n) => n === 10 || n === 11],
  ['a time without any', { from: at(900) }, () => false],
  ['profile', { profileId: '102' }, (n) => n % 2 === 1],
  ['an unknown profile', { profileId: '9' }, () => false],
  ['agent, in another case', { agent: 'ANNA' }, (n) => n % 3 === 0],
  ['agent, accents and spaces as others write them', { agent: ' bj\u00f6rn  ek' }, (n) => n % 3 === 1],
  ['a part of an agent', { agent: 'ann' }, () => false],
  ['certificate', { certificateId: certificate(2) }, (n) => n % 4 === 1],
  ['quarantined', {}, (n) => n % 10 === 5, true],
  ['quarantined, by profile', { profileId: '101' }, () => false, true],
  ['a word of an attribute', { query: 'gold' }, (n) => n === 7],
  ['words of anything', { query: ' SÜD  102 ' }, (n) => n === 7],
  ['a word that is nowhere', { query: 'gold nowhere' }, () => false],
  ['an attribute name is no word', { query: 'queue' }, () => false],
  [
    'all at once',
    {
      profileId: '101',
      agent: 'anna',
      certificateId: certificate(1),
      from: at(1),
      until: at(49),
      query: 'silver',
    },
    (n) => n % 12 === 0 && n > 0 && n < 49,
  ],
];

const tenant = newTenant();
const older = newTenant();
const { index } = processor();
for (const recording of recordings(tenant)) await index.add(recording);
// As an older version left them: no certificates counted, in no set, and much absent.
for (const recording of recordings(older)) {
  if (recording.quarantineReason !== '') await index.add(recording);
  else await addAsBefore(redis.client, recording);
}

test.each(CASES)(
  'found by %s: with sets, without them, and in small pages',
  async (_, filter, fits, held) => {
    const more = { quarantined: held === true };
    const { find, incomplete } = processor();
    expect((await find(tenant, filter, more)).ids).toEqual(where(fits));
    expect((await find(tenant, filter, { ...more, pageSize: 7 })).ids).toEqual(where(fits));
    expect(incomplete).toEqual([]);
    expect((await processor({ most: 9 }).find(tenant, filter, more)).ids).toEqual(where(fits));
    expect((await find(older, filter, more)).ids).toEqual(where(fits));
  },
);

test('what an older version put there is found by sets once they are filled', async () => {
  const { find, fill, count, foundBy, page } = processor();
  const copy = newTenant();
  for (const recording of recordings(copy)) await addAsBefore(redis.client, recording);
  await Promise.all([fill.of(copy), fill.of(copy), count.of(copy), processor().fill.of(copy)]);
  expect(await foundBy.uncounted(copy)).toBe(0);
  for (const [, filter, fits, held] of CASES)
    if (held !== true) expect((await find(copy, filter)).ids).toEqual(where(fits));
  // By walking it would take several pages.
  const { incomplete, ...few } = processor({ most: 20 });
  expect(await few.find(copy, { agent: 'anna' })).toMatchObject({ pages: 1 });
  expect(incomplete).toEqual([]);
  const [first] = (await page(copy, {})).recordings;
  expect(first).toMatchObject({ capturedAt: undefined, encryptedAt: undefined, traceId: '' });
});

test('what an older version adds beside this one is found at once, and asked to be put into the sets', async () => {
  const { find, incomplete, fill } = processor();
  const mixed = newTenant();
  for (const recording of recordings(mixed)) await index.add(recording);
  await addAsBefore(redis.client, {
    ...{
      ...recordingFor(mixed, 'beside', [certificate(2)]),
      startedAt: at(99),
      attributes: { agent: 'anna' },
    },
  });
  const anna = ['beside', ...where((n) => n % 3 === 0)];
  expect((await find(mixed, { agent: 'anna' })).ids).toEqual(anna);
  expect(incomplete).toContain(mixed);
  await fill.of(mixed);
  incomplete.length = 0;
  expect((await find(mixed, { agent: 'anna' })).ids).toEqual(anna);
  expect(incomplete).toEqual([]);
});

test('other attributes that say who the agent is are found by at once, also back and forth', async () => {
  const copy = newTenant();
  const queues = { agents: agentAttributes(['Queue']) };
  for (const recording of recordings(copy)) await index.add(recording);
  const after = processor(queues);
  const gold = { agent: 'gold süd' };
  expect((await after.find(copy, gold)).ids).toEqual(['call-7']);
  expect(after.incomplete).toContain(copy);
  // Re-wrapped before it was put into the sets of the new attributes, it is counted there once.
  await after.index.rewrap({ ...(recordings(copy)[7] as Recording), rewrappedAt: at(0) });
  await after.fill.of(copy);
  expect(await after.foundBy.uncounted(copy)).toBe(0);
  expect((await after.find(copy, gold)).ids).toEqual(['call-7']);
  await after.index.add({ ...recordingFor(copy, 'new', [certificate(1)]), attributes: { agent: 'anna' } });
  const before = processor();
  expect((await before.find(copy, { agent: 'anna' })).ids).toContain('new');
  await before.fill.of(copy);
  expect(await before.foundBy.uncounted(copy)).toBe(0);
});

test('every recording is shown exactly once while others come, at the same instants too', async () => {
  const busy = newTenant();
  const add = (id: string, minute: number) =>
    index.add({
      ...recordingFor(busy, id, [certificate(1)]),
      startedAt: at(minute),
      attributes: { agent: 'a' },
    });
  for (let n = 0; n < 40; n += 1) await add(`old-${n}`, n % 5);
  const filters: Partial<RecordingFilter>[] = [{}, { agent: 'A' }, { query: 'old' }, { query: 'nobody' }];
  for (const filter of filters) {
    const { page } = processor({ most: 6 });
    const seen: string[] = [];
    let pageToken = '';
    for (let n = 0; n === 0 || pageToken !== ''; n += 1) {
      const answer = await page(busy, { filter: filter as RecordingFilter, pageToken, pageSize: 4 });
      seen.push(...answer.recordings.map(({ recordingId }) => recordingId));
      pageToken = answer.nextPageToken;
      await add(`new-${JSON.stringify(filter).length}-${n}`, n % 6);
    }
    const old = seen.filter((id) => id.startsWith('old')).sort();
    expect(new Set(seen).size).toBe(seen.length);
    expect(old).toEqual(
      filter.query === 'nobody' ? [] : Array.from({ length: 40 }, (_, n) => `old-${n}`).sort(),
    );
  }
});

test('an exact id comes first, wherever it is, and once', async () => {
  const { page, find } = processor({ most: 5 });
  const first = await page(tenant, { filter: { query: 'call-5' } as RecordingFilter, pageSize: 1 });
  expect(first.recordings.map(({ recordingId }) => recordingId)).toEqual(['call-5']);
  const expected = ['call-5', ...where((n) => n >= 50)];
  expect((await find(tenant, { query: 'call-5' })).ids).toEqual(expected);
  expect((await find(tenant, { query: 'call-5' }, { pageSize: 1 })).ids).toEqual(expected);
  expect((await find(tenant, { query: 'call-5', until: at(52) }, { pageSize: 1 })).ids).toEqual([
    ...['call-5', 'call-51', 'call-50'],
  ]);
  expect((await find(tenant, { query: 'call-5', from: at(6), until: at(9) })).ids).toEqual([]);
  expect((await find(tenant, { query: 'call-5', profileId: '101' })).ids).not.toContain('call-5');
});

test('a recording that is re-wrapped is found by what it is now, and by its new certificate', async () => {
  const { find, foundBy } = processor();
  const changed = newTenant();
  for (const recording of recordings(changed).slice(0, 6)) await index.add(recording);
  const [first] = recordings(changed) as [Recording];
  await index.rewrap({
    ...{ ...first, rewrappedAt: at(0), startedAt: at(30), profileId: '102', attributes: { agent: 'Cleo' } },
    media: recordingFor(changed, 'x', [certificate(9)]).media,
  });
  expect((await find(changed, { agent: 'cleo' })).ids).toEqual(['call-0']);
  expect((await find(changed, { agent: 'anna' })).ids).toEqual(['call-3']);
  expect((await find(changed, { profileId: '102' })).ids).toEqual(['call-0', 'call-5', 'call-3', 'call-1']);
  expect((await find(changed, { certificateId: certificate(9) })).ids).toEqual(['call-0']);
  expect((await find(changed, {})).ids).toHaveLength(6);
  expect(await foundBy.uncounted(changed)).toBe(0);
});

test.each<[field: string, filter: Partial<RecordingFilter>]>([
  ['until', { from: at(1), until: at(1) }],
  ['from', { from: new Date(Number.NaN) }],
  ['profile_id', { profileId: 'abc' }],
  ['certificate_id', { certificateId: 'abc' }],
  ['query', { query: 'x'.repeat(257) }],
  ['query', { query: 'x '.repeat(17) }],
  ['agent', { agent: 'x'.repeat(1025) }],
])('a wrong %s is refused by name', async (field, filter) => {
  const asked = processor().page(tenant, { filter: filter as RecordingFilter });
  await expect(asked).rejects.toMatchObject({
    ...{ code: 'INVALID_ARGUMENT', details: { field }, fix: expect.stringMatching(/^Give/) },
  });
});
