import { connectBus } from '@sealtrack/bus/connect';
import { openKv } from '@sealtrack/bus/kv';
import { ensureStreams } from '@sealtrack/bus/streams';
import { EncryptorStatus } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { expect, test, vi } from 'vitest';
import { encryptorStatus, instanceName } from '../domain/encryptor-status.ts';
import { reportStatus } from './status-reporter.ts';

const nats = await testNats();

test('what it runs is said at once and with changes, many of them together; and that it is gone', async () => {
  await using bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' });
  await ensureStreams(bus);
  const kv = openKv(bus, 'encryptors');
  const put = vi.fn(kv.put);
  const { log, lines } = noteLines();
  const instance = { name: 'host-1', version: '0.1.0', startedAt: new Date('2026-01-01T00:00:00Z') };
  const refusal = {
    key: 'demo.101',
    revision: 3,
    certificateId: '',
    reason: 'x',
    message: 'y',
    nextStep: 'z',
  };
  let revision = 7;
  let refused = [refusal];
  let change = () => {};
  let isConnected = true;
  const stop = new AbortController();
  const reporting = reportStatus(
    {
      kv: { ...kv, put },
      isConnected: () => isConnected,
      status: () =>
        encryptorStatus(instance, { revision, refused }, new Date('2026-01-02'), new Date('2026-01-03')),
      changes: (listener) => {
        change = listener;
      },
      log,
    },
    stop.signal,
  );
  const read = async () => {
    const entry = (await kv.list()).find(({ key }) => key.startsWith('host-1.'));
    return entry && EncryptorStatus.fromJSON(JSON.parse(Buffer.from(entry.value).toString()));
  };
  await vi.waitUntil(async () => (await read())?.revision === 7n);
  expect(await read()).toEqual({
    instance: 'host-1',
    version: '0.1.0',
    startedAt: instance.startedAt,
    reportedAt: new Date('2026-01-03'),
    revision: 7n,
    currentAt: new Date('2026-01-02'),
    refused: [{ ...refusal, revision: 3n }],
    refusedTotal: 1,
  });
  refused = Array.from({ length: 1_500 }, () => ({ ...refusal, message: 'y'.repeat(10_000) }));
  for (revision = 8; revision < 50; revision += 1) change();
  await vi.waitUntil(async () => (await read())?.revision === 50n);
  expect(put.mock.calls.length).toBeLessThanOrEqual(4);
  expect(await read()).toMatchObject({ refusedTotal: 1_500 });
  const shown = (await read())?.refused;
  expect(shown).toHaveLength(100);
  expect(shown?.every(({ message }) => message === 'y'.repeat(500))).toBe(true);

  // A failure is no end.
  put.mockRejectedValueOnce(new Error('no'));
  revision = 51;
  change();
  await vi.waitUntil(() => lines.length === 1);
  isConnected = false;
  revision = 52;
  const calls = put.mock.calls.length;
  change();
  await new Promise((resolve) => void setTimeout(resolve, 600));
  expect(put.mock.calls).toHaveLength(calls);
  isConnected = true;
  change();
  await vi.waitUntil(async () => (await read())?.revision === 52n, { timeout: 15_000 });

  stop.abort();
  await reporting;
  expect(await kv.list()).toEqual([]);
});

test('an instance is named after its host, as a key may be', () => {
  expect(instanceName('Host_7.example.org', 12)).toBe('host-7-example-org-12');
  expect(instanceName('', 1)).toBe('encryptor-1');
  expect(instanceName('...', 1)).toBe('encryptor-1');
  expect(instanceName('x'.repeat(300), 1)).toHaveLength(65);
});

test('of two with the same name, each is seen', async () => {
  await using bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' });
  await ensureStreams(bus);
  const kv = openKv(bus, 'encryptors');
  const { log } = noteLines();
  const stop = new AbortController();
  const instance = { name: 'copied', version: '0.1.0', startedAt: new Date('2026-01-01T00:00:00Z') };
  const changed: (() => void)[] = [];
  const changes = (listener: () => void) => void changed.push(listener);
  const reporting = [7, 3].map((revision) => {
    const status = () => encryptorStatus(instance, { revision, refused: [] }, undefined, new Date());
    return reportStatus({ kv, isConnected: () => true, status, changes, log }, stop.signal);
  });
  const revisions = async () =>
    (await kv.list()).map(
      ({ value }) => EncryptorStatus.fromJSON(JSON.parse(Buffer.from(value).toString())).revision,
    );
  // Each takes what it finds for what it said before it was killed, and the other says it again.
  await vi.waitUntil(async () => {
    for (const change of changed) change();
    return (await revisions()).toSorted().join() === '3,7';
  });
  stop.abort();
  await Promise.all(reporting);
  expect(await kv.list()).toEqual([]);
});
