import { OPEN_ACCESS } from '@sealtrack/access/access';
import { connectBus } from '@sealtrack/bus/connect';
import { consumeEvents } from '@sealtrack/bus/consume';
import { retryDeadLetter } from '@sealtrack/bus/dead-letters';
import { publishEvent } from '@sealtrack/bus/publish';
import { EVENT_KINDS, type EventKind } from '@sealtrack/contracts/event-kinds';
import {
  MediaDecryptRequested,
  MediaExportRequested,
} from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
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
import { encrypted, givenUp, keptInClear, rewrapped } from './testing/events.ts';
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
const failed = async (tenantId: TenantId) =>
  (await rpc.listFailedCaptures({ tenantId })).captures.map((each) => each.recordingId);
/** A capture in the dead-letter stream; resolves to its number there. */
const bury = async (tenantId: TenantId, id: string) => {
  const original = { ...encrypted(tenantId, id, []) };
  const { sequence } = await publishEvent(bus, {
    subject: SUBJECTS.deadLetter(SUBJECTS.capture(tenantId, '101')),
    ...{ kind: EVENT_KINDS.recordingEncrypted, data: original, id: `${tenantId}/${id}/dead`, source: 'test' },
  });
  return sequence;
};
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

test('a capture that failed is listed until it is stored, and its recording says all that happened', async () => {
  const tenant = newTenant();
  const traceparent = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`;
  const letter = await bury(tenant, 'a');
  const subject = SUBJECTS.event(tenant, 'capture', 'dead-lettered');
  for (const id of ['first', 'again'])
    await publishEvent(bus, {
      ...{
        subject,
        kind: EVENT_KINDS.captureDeadLettered,
        id: `${tenant}/${id}`,
        source: 'test',
        traceparent,
      },
      data: givenUp(tenant, 'a', letter),
    });
  await eventually(async () => expect(await failed(tenant)).toEqual(['a']));
  const data = { ...encrypted(tenant, 'a', [certificate(1)]), encryptedAt: new Date(Date.now() + 1_000) };
  await publishEvent(bus, {
    subject: SUBJECTS.event(tenant, 'recording', 'encrypted'),
    ...{ kind: EVENT_KINDS.recordingEncrypted, data, id: `${tenant}/a`, source: 'test', traceparent },
  });
  await eventually(async () => expect(await failed(tenant)).toEqual([]));
  const { entries } = await rpc.getTimeline({ tenantId: tenant, recordingId: 'a' });
  expect(entries.map(({ what, deadLetter }) => `${what} ${deadLetter}`).sort()).toEqual([
    ...['encrypted 0', 'failed 0', 'stored 0'],
  ]);
  expect((await get(tenant, 'a'))?.traceId).toBe('c'.repeat(32));
});

test('a dead letter that is retried waits for nobody, whatever becomes of it', async () => {
  const tenant = newTenant();
  const letter = await bury(tenant, 'b');
  await publishEvent(bus, {
    subject: SUBJECTS.event(tenant, 'capture', 'dead-lettered'),
    ...{ kind: EVENT_KINDS.captureDeadLettered, id: `${tenant}/b`, source: 'test' },
    data: givenUp(tenant, 'b', letter),
  });
  await eventually(async () => expect(await failed(tenant)).toEqual(['b']));
  await retryDeadLetter(bus, letter);
  await eventually(async () => expect(await failed(tenant)).toEqual([]));
});

test('what is on record of accesses is counted once, also from before there was a processor to hear of it', async () => {
  const tenant = newTenant();
  await bus.link.manager.consumers.delete(STREAMS.audit, 'metadata-processor-plays');
  const of = { tenantId: tenant, recordingId: 'a', mediaId: 'main', caller: 'player', purpose: 'test' };
  const onRecord = <T>(kind: EventKind<T>, action: string, data: T, id: string) =>
    publishEvent(bus, { subject: SUBJECTS.audit(tenant, action), kind, data, id, source: 'test' });
  for (const n of [1, 2, 3])
    await onRecord(
      EVENT_KINDS.mediaDecryptRequested,
      'media-decrypt',
      MediaDecryptRequested.fromPartial({ ...of, action: 'play', accessId: `play-${n}` }),
      `${tenant}/play-${n}`,
    );
  const exported = MediaExportRequested.fromPartial({ ...of, accessId: 'export-1' });
  await onRecord(EVENT_KINDS.mediaExportRequested, 'media-export', exported, `${tenant}/export-1`);
  // One that nobody can read is no dead letter, and in nobody's way.
  const unreadable = MediaDecryptRequested.fromPartial({ ...of, recordingId: 'no:id' });
  await onRecord(EVENT_KINDS.mediaDecryptRequested, 'media-decrypt', unreadable, `${tenant}/x`);
  const list = async () =>
    (await rpc.listAccesses({ tenantId: tenant, recordingId: 'a' })).accesses.map(
      ({ action, accessId }) => `${action} ${accessId}`,
    );
  const all = ['export export-1', 'play play-1', 'play play-2', 'play play-3'];
  await eventually(async () => expect((await list()).sort()).toEqual(all));

  // The whole trail once more.
  await bus.link.manager.consumers.delete(STREAMS.audit, 'metadata-processor-plays');
  await eventually(async () => {
    const { num_pending, num_ack_pending, delivered } = await bus.link.manager.consumers.info(
      ...([STREAMS.audit, 'metadata-processor-plays'] as const),
    );
    expect([num_pending, num_ack_pending, delivered.consumer_seq >= 4]).toEqual([0, 0, true]);
  });
  expect((await list()).sort()).toEqual(all);
  const { entries } = await rpc.getTimeline({ tenantId: tenant, recordingId: 'a' });
  expect(entries.map(({ what, times }) => `${what} ${times}`)).toEqual(['played 3', 'exported 1']);
  expect((await rpc.countRecordingsOfEach({ tenantId: tenant, certificateIds: [] })).recordings).toEqual([]);
});
