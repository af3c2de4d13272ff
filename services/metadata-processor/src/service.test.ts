import { OPEN_ACCESS } from '@sealtrack/access/access';
import { connectBus } from '@sealtrack/bus/connect';
import { consumeEvents } from '@sealtrack/bus/consume';
import { publishEvent } from '@sealtrack/bus/publish';
import { EVENT_KINDS, type EventKind } from '@sealtrack/contracts/event-kinds';
import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { STREAMS, SUBJECTS } from '@sealtrack/contracts/subjects';
import type { TenantId } from '@sealtrack/ids/ids';
import { connectRpc } from '@sealtrack/rpc/client';
import { parseConfig } from '@sealtrack/service-kit/config';
import { noMetrics } from '@sealtrack/service-kit/metrics';
import { testNats, testRedis } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test, vi } from 'vitest';
import { config } from './config.ts';
import { start } from './service.ts';
import { encrypted, keptInClear, rewrapped } from './testing/events.ts';
import { certificate, newTenant } from './testing/recordings.ts';

const [nats, redis] = [await testNats(), await testRedis()];
const indexed: number[] = [];
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const startService = () =>
  start(
    parseConfig(config, {
      SEALTRACK_LISTEN: '127.0.0.1:0',
      SEALTRACK_NATS_URL: nats.url,
      SEALTRACK_REDIS_URL: redis.url,
    }),
    {
      transport: PLAINTEXT,
      access: OPEN_ACCESS,
      log: SILENT as never,
      metrics: {
        ...noMetrics,
        counter: (name: string) =>
          name === 'sealtrack_recordings_indexed_total'
            ? { add: (amount: number) => void indexed.push(amount) }
            : { add: () => {} },
      } as typeof noMetrics,
      signal: new AbortController().signal,
    },
  );
const service = await startService();
const rpc = connectRpc(RecordingServiceDefinition, service.addresses.grpc, { transport: PLAINTEXT });
const bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' });

const stored: string[] = [];
const ended = new AbortController();
const listening = consumeEvents(bus, {
  ...{ stream: STREAMS.events, durable: 'listener', filter: SUBJECTS.anyTenantEvent('recording', 'stored') },
  ...{ kind: EVENT_KINDS.recordingStored, concurrency: 10, maxDeliver: 1, backoffMs: [], ackWaitMs: 30_000 },
  handle: async ({ data }) => void stored.push(`${data.tenantId}/${data.recordingId}`),
  signal: ended.signal,
});
afterAll(async () => {
  ended.abort();
  await listening;
  await rpc[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
  await bus[Symbol.asyncDispose]();
});

let ids = 0;
const say = <T extends { readonly tenantId: string }>(kind: EventKind<T>, happened: string, data: T) =>
  publishEvent(bus, {
    subject: SUBJECTS.event(data.tenantId, 'recording', happened),
    ...{ kind, data, id: `event-${++ids}`, source: 'media-encryptor' },
  });
const sayEncrypted = (...args: Parameters<typeof encrypted>) =>
  say(EVENT_KINDS.recordingEncrypted, 'encrypted', encrypted(...args));
const sayRewrapped = (...args: Parameters<typeof rewrapped>) =>
  say(EVENT_KINDS.recordingRewrapped, 'rewrapped', rewrapped(...args));

const get = async (tenantId: TenantId, recordingId: string) =>
  (await rpc.getRecording({ tenantId, recordingId })).recording;
const count = async (tenantId: TenantId, n: number) =>
  Number((await rpc.countRecordings({ tenantId, certificateId: certificate(n) })).recordings);
const quarantined = async (tenantId: TenantId) =>
  (await rpc.listRecordings({ tenantId, quarantined: true })).recordings.map((each) => each.recordingId);
const eventually = (check: () => Promise<void> | void) =>
  vi.waitFor(check, { timeout: 10_000, interval: 20 });

test('a recording that is held is listed as such until it is re-wrapped', async () => {
  const tenant = newTenant();
  await sayEncrypted(tenant, 'a', [certificate(9)], 'expired');
  await eventually(() => expect(stored).toContain(`${tenant}/a`));
  expect(await get(tenant, 'a')).toMatchObject({ quarantineReason: 'expired', mediaType: 'voice' });
  expect(await quarantined(tenant)).toEqual(['a']);
  expect(await count(tenant, 9)).toBe(1);

  await sayRewrapped(tenant, 'a', [certificate(1)], new Date());
  await eventually(async () => expect(await quarantined(tenant)).toEqual([]));
  expect(await get(tenant, 'a')).toMatchObject({ quarantineReason: '', rewrappedAt: expect.any(Date) });
  expect([await count(tenant, 9), await count(tenant, 1)]).toEqual([0, 1]);
});

test('one that is re-wrapped before its first event came can be played, and is said to be stored when that comes', async () => {
  const tenant = newTenant();
  await sayRewrapped(tenant, 'a', [certificate(1)], new Date());
  await eventually(async () => expect(await get(tenant, 'a')).toBeDefined());
  expect(stored).not.toContain(`${tenant}/a`);
  await sayEncrypted(tenant, 'a', [certificate(9)], 'expired');
  await eventually(() => expect(stored).toContain(`${tenant}/a`));
  expect(await quarantined(tenant)).toEqual([]);
  expect([await count(tenant, 9), await count(tenant, 1)]).toEqual([0, 1]);
});

test('a recording in clear is stored, says so, and needs no certificate', async () => {
  const tenant = newTenant();
  await say(EVENT_KINDS.recordingKeptInClear, 'kept-in-clear', keptInClear(tenant, 'a'));
  await eventually(() => expect(stored).toContain(`${tenant}/a`));
  expect((await get(tenant, 'a'))?.media).toMatchObject([{ suite: 'clear', certificateIds: [] }]);
  expect(await quarantined(tenant)).toEqual([]);
});

test('a recording that is sealed is never made one in clear by what is said of it later', async () => {
  const tenant = newTenant();
  await sayEncrypted(tenant, 'a', [certificate(1)]);
  await eventually(() => expect(stored).toContain(`${tenant}/a`));
  const before = await get(tenant, 'a');
  stored.length = 0;
  await say(EVENT_KINDS.recordingKeptInClear, 'kept-in-clear', keptInClear(tenant, 'a'));
  // What is said of it again within the time of duplicates is not stored twice, so another one tells that it was handled.
  await say(EVENT_KINDS.recordingKeptInClear, 'kept-in-clear', keptInClear(tenant, 'b'));
  await eventually(() => expect(stored).toContain(`${tenant}/b`));
  expect(await get(tenant, 'a')).toEqual(before);
  expect(await count(tenant, 1)).toBe(1);
});

test('two processors that share the events put each recording there once, whichever event comes first', async () => {
  const tenant = newTenant();
  const names = Array.from({ length: 40 }, (_, n) => `r${n}`);
  const other = await startService();
  indexed.length = 0;
  await Promise.all(
    names.flatMap((id, n) => [
      sayEncrypted(tenant, id, [certificate(9)], 'revoked'),
      sayRewrapped(tenant, id, [certificate(1)], new Date(Date.UTC(2026, 1, 1))),
      ...(n % 2 === 0 ? [sayRewrapped(tenant, id, [certificate(2)], new Date(Date.UTC(2026, 1, 2)))] : []),
    ]),
  );
  await eventually(async () => {
    expect(stored.filter((each) => each.startsWith(`${tenant}/`))).toHaveLength(40);
    expect(await Promise.all([9, 1, 2].map((n) => count(tenant, n)))).toEqual([0, 20, 20]);
  });
  expect(await quarantined(tenant)).toEqual([]);
  expect(indexed).toHaveLength(40);
  await other[Symbol.asyncDispose]();
});
