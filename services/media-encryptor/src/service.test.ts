import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { OPEN_ACCESS } from '@sealtrack/access/access';
import { connectBus } from '@sealtrack/bus/connect';
import { openKv } from '@sealtrack/bus/kv';
import { ensureStreams } from '@sealtrack/bus/streams';
import { tailEvents } from '@sealtrack/bus/tail';
import { encodePem } from '@sealtrack/certificates/pem';
import { ecKeys, issueCrl, leaf, root, rsaKeys } from '@sealtrack/certificates/x509/testing/issue';
import {
  IngestServiceDefinition,
  type PutRecordingRequest,
} from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { EncryptorStatus, IvrProfile } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { connectRpc } from '@sealtrack/rpc/client';
import { parseConfig } from '@sealtrack/service-kit/config';
import { noMetrics } from '@sealtrack/service-kit/metrics';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { config } from './config.ts';
import { start } from './service.ts';

const nats = await testNats();
const folder = await temporaryFolder();
afterAll(() => folder.remove());
const bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' });
afterAll(() => bus[Symbol.asyncDispose]());
const [profiles, encryptors] = [openKv(bus, 'profiles'), openKv(bus, 'encryptors')];

const ca = { name: 'Root', keys: ecKeys() };
const dates = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };
const chain = [root('Root', ca.keys)];
const der = leaf({ name: 'Sales', keys: rsaKeys() }, ca, { serial: 5, ...dates });
const crl = (serial: number) =>
  encodePem(
    'X509 CRL',
    issueCrl({
      ...{ issuer: 'Root', issuerKeys: ca.keys, revoked: [{ serial }] },
      ...{ thisUpdate: dates.notBefore, nextUpdate: dates.notAfter },
    }),
  );
const push = (profileId: string, more: Partial<IvrProfile> = {}) => {
  const profile = { tenantId: 'demo', profileId, suite: 'pkcs7', certificates: [{ der, chain }], ...more };
  const value = Buffer.from(JSON.stringify(IvrProfile.toJSON(IvrProfile.fromPartial(profile))));
  return profiles.put(`demo.${profileId}`, value);
};

let dir: string;
let count = 0;
beforeEach(async () => {
  await ensureStreams(bus);
  dir = join(folder.path, String(++count));
});

/** An encryptor in this process, with what it says. */
async function run(env: Record<string, string> = {}) {
  const { log, lines } = noteLines();
  const gauges = new Map<string, number>();
  const gauge = (name: string) => ({ set: (value: number) => void gauges.set(name, value) });
  const stop = new AbortController();
  const starting = start(
    parseConfig(config, {
      SEALTRACK_LISTEN: '127.0.0.1:0',
      SEALTRACK_NATS_URL: nats.url,
      SEALTRACK_MEDIA_STORE: `file://${dir}/media`,
      SEALTRACK_STATE_DIR: `${dir}/state`,
      SEALTRACK_INSTANCE: 'one',
      ...env,
    }),
    {
      transport: PLAINTEXT,
      access: OPEN_ACCESS,
      log,
      metrics: { ...noMetrics, gauge } as typeof noMetrics,
      signal: stop.signal,
    },
  );
  let isStarted = false;
  starting.then(
    () => {
      isStarted = true;
    },
    () => {},
  );
  const end = async () => {
    stop.abort();
    await starting.then((running) => running[Symbol.asyncDispose]()).catch(() => {});
  };
  onTestFinished(end);
  const put = async (profileId: string, recordingId: string) => {
    const { addresses } = await starting;
    await using client = connectRpc(IngestServiceDefinition, addresses.grpc, { transport: PLAINTEXT });
    const { receipt } = await client.putRecording(recording(profileId, recordingId));
    if (receipt === undefined) throw new Error('There is no receipt');
    return receipt;
  };
  return { starting, isStarted: () => isStarted, stop, end, put, lines, gauges };
}

async function* recording(profileId: string, recordingId: string): AsyncGenerator<PutRecordingRequest> {
  const header = {
    ...{ tenantId: 'demo', profileId, recordingId, mediaId: 'main', contentType: 'audio/wav' },
    ...{ mediaType: '', startedAt: new Date(), attributes: {} },
  };
  yield { part: { $case: 'header', value: header } };
  yield { part: { $case: 'chunk', value: Buffer.from('sound') } };
  yield { part: { $case: 'end', value: { size: 5n } } };
}

const status = async () => {
  const entry = (await encryptors.list()).find(({ key }) => key.startsWith('one.'));
  return entry && EncryptorStatus.fromJSON(JSON.parse(Buffer.from(entry.value).toString()));
};
const patiently = { timeout: 30_000, interval: 50 };

/** Where nobody listens until it opens: a bus that is cut off from one encryptor, and goes on for everybody else. */
async function closedDoor(to: string) {
  const door = createServer((client) => {
    const server = connect(Number(new URL(to).port), '127.0.0.1');
    for (const socket of [client, server]) socket.on('error', () => {}).on('close', () => socket.destroy());
    client.pipe(server).pipe(client);
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
  });
  const listen = (port: number) => new Promise<void>((resolve) => door.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const address = door.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  await new Promise((resolve) => door.close(resolve));
  onTestFinished(() => void door.close());
  return { url: `nats://127.0.0.1:${port}`, open: () => listen(port) };
}

test('an encryptor that starts while the bus is down runs on what it had, says so, and catches up', async () => {
  await push('101');
  await push('102');
  const revision = await push('103');
  const first = await run();
  expect((await first.put('101', 'a')).certificateIds).toHaveLength(1);
  await vi.waitUntil(async () => (await status())?.revision === BigInt(revision), patiently);
  expect(await status()).toMatchObject({ version: '0.1.0', refused: [], refusedTotal: 0 });
  expect(first.gauges.get('sealtrack_profile_snapshot_age_seconds')).toBe(0);
  await first.end();
  // It is gone, and does not only say nothing.
  expect(await status()).toBeUndefined();
  expect(existsSync(`${dir}/state/profiles.snapshot`)).toBe(true);

  const door = await closedDoor(nats.url);
  const second = await run({ SEALTRACK_NATS_URL: door.url });
  await push('102', { suite: 'cms' });
  const newest = await push('103', { deleted: true, certificates: [] });
  expect((await second.put('102', 'b')).suite).toBe('pkcs7');
  expect((await second.put('103', 'c')).certificateIds).toHaveLength(1);
  await expect(second.put('104', 'd')).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
  await vi.waitUntil(() => (second.gauges.get('sealtrack_profile_snapshot_age_seconds') ?? 0) > 1, patiently);
  expect(second.gauges.get('sealtrack_profile_revision')).toBe(revision);
  const said = second.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
  expect(said).toContainEqual(expect.stringContaining('starting on the profiles that were stored'));
  expect(said).toContainEqual(expect.stringMatching(/last known to be the newest \d+ s ago/));
  expect(await status()).toBeUndefined();

  await door.open();
  await vi.waitUntil(async () => (await status())?.revision === BigInt(newest), patiently);
  expect((await second.put('102', 'e')).suite).toBe('cms');
  // No holding key yet: refused, as nothing else may happen to it.
  await expect(second.put('103', 'f')).rejects.toMatchObject({ code: 'NO_USABLE_CERTIFICATE' });
  await vi.waitUntil(() => second.gauges.get('sealtrack_profile_snapshot_age_seconds') === 0, patiently);
  // What came while the bus was away was announced when it was there.
  const over = new AbortController();
  const announced = new Set<string>();
  const events = tailEvents(bus, { subject: 'events.demo.>', from: 'start', signal: over.signal });
  for await (const { body } of events) {
    announced.add(JSON.parse(body).recordingId);
    if (announced.size === 4) over.abort();
  }
  expect([...announced].toSorted()).toEqual(['a', 'b', 'c', 'e']);
});

test.each([
  ['there is nothing stored', () => {}],
  ['what was stored is damaged', (file: string) => writeFileSync(file, readFileSync(file).fill(0, 500, 501))],
])(
  'when %s, it waits for the bus, and can be told to stop waiting',
  async (_, damage) => {
    await push('101');
    const door = await closedDoor(nats.url);
    if (damage.length > 0) {
      await (await run()).starting;
      const file = `${dir}/state/profiles.snapshot`;
      await vi.waitUntil(() => existsSync(file), patiently);
      damage(file);
      // The first one writes it anew when it ends.
      renameSync(`${dir}/state`, `${dir}/kept`);
    }
    const env = { SEALTRACK_NATS_URL: door.url, SEALTRACK_STATE_DIR: `${dir}/kept` };
    const waiting = await run(env);
    const stopped = await run(env);
    await new Promise((resolve) => void setTimeout(resolve, 4_000));
    expect([waiting.isStarted(), stopped.isStarted()]).toEqual([false, false]);
    expect(waiting.lines.filter(({ message }) => message.includes('are not used'))).toHaveLength(
      damage.length,
    );
    const before = performance.now();
    stopped.stop.abort();
    await expect(stopped.starting).rejects.toThrow();
    expect(performance.now() - before).toBeLessThan(1_000);
    await door.open();
    expect((await waiting.put('101', 'a')).certificateIds).toHaveLength(1);
  },
  60_000,
);

test('a bucket that lost every profile takes none from an encryptor, nor from one that starts, nor from the file', async () => {
  await push('101');
  const first = await run();
  expect((await first.put('101', 'a')).certificateIds).toHaveLength(1);
  const file = `${dir}/state/profiles.snapshot`;
  await vi.waitUntil(() => existsSync(file), patiently);
  await bus.link.manager.streams.delete('KV_profiles');
  await ensureStreams(bus);
  await vi.waitUntil(() => (first.gauges.get('sealtrack_profile_snapshot_age_seconds') ?? 0) > 1, patiently);
  expect((await first.put('101', 'b')).certificateIds).toHaveLength(1);
  await first.end();
  expect(readFileSync(file, 'utf8')).toContain('demo.101');

  const second = await run();
  expect((await second.put('101', 'c')).certificateIds).toHaveLength(1);
  expect(second.lines.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
    expect.stringContaining('vanished from the bucket'),
  ]);
  await push('102');
  await vi.waitFor(
    async () => expect((await second.put('102', 'd')).certificateIds).toHaveLength(1),
    patiently,
  );
  expect((await second.put('101', 'e')).certificateIds).toHaveLength(1);
}, 60_000);

test('a certificate that gets onto a list is not used any more, and that is reported', async () => {
  const crlFile = `${folder.path}/crl.pem`;
  const write = (serial: number) => {
    writeFileSync(`${crlFile}.new`, crl(serial));
    renameSync(`${crlFile}.new`, crlFile);
  };
  const rootsFile = `${folder.path}/roots.pem`;
  writeFileSync(rootsFile, encodePem('CERTIFICATE', chain[0] ?? Buffer.alloc(0)));
  write(99);
  await push('101');
  const env = {
    SEALTRACK_TRUST: 'roots',
    SEALTRACK_TRUST_ROOTS_FILE: rootsFile,
    SEALTRACK_CRL_FILE: crlFile,
  };
  const encryptor = await run(env);
  expect((await encryptor.put('101', 'a')).certificateIds).toHaveLength(1);
  write(5);
  await vi.waitFor(
    async () =>
      expect(await status()).toMatchObject({
        refused: expect.arrayContaining([expect.objectContaining({ key: 'demo.101', reason: 'revoked' })]),
      }),
    patiently,
  );
  await expect(encryptor.put('101', 'b')).rejects.toMatchObject({ code: 'NO_USABLE_CERTIFICATE' });
  write(99);
  await vi.waitFor(async () => expect((await status())?.refused).toEqual([]), patiently);
  expect((await encryptor.put('101', 'c')).certificateIds).toHaveLength(1);
});

test('roots without a file of them are refused at once', async () => {
  const { starting } = await run({ SEALTRACK_TRUST: 'roots' });
  await expect(starting).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});
