import { OPEN_ACCESS } from '@sealtrack/access/access';
import { connectBus } from '@sealtrack/bus/connect';
import { openKv } from '@sealtrack/bus/kv';
import { ensureStreams } from '@sealtrack/bus/streams';
import { tailEvents } from '@sealtrack/bus/tail';
import {
  Certificate,
  CertificateServiceDefinition,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { HoldingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/holding/v1/holding';
import { ProfileServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { BUCKETS } from '@sealtrack/contracts/subjects';
import { connectRpc } from '@sealtrack/rpc/client';
import { implement, startRpcServer } from '@sealtrack/rpc/server';
import { OPEN_TO_ALL } from '@sealtrack/rpc/testing/open-to-all';
import { parseConfig } from '@sealtrack/service-kit/config';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import { config } from './config.ts';
import { start } from './service.ts';

const nats = await testNats();
const bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' });
await ensureStreams(bus);
const kv = openKv(bus, BUCKETS.profiles);
const ignore = () => {};
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const ignored = { set: ignore, add: ignore, observe: ignore };
const metrics = { gauge: () => ignored, counter: () => ignored, histogram: () => ignored };
const notAsked = async () => ({});
const certificate = Certificate.fromPartial({
  ...{ certificateId: 'a'.repeat(64), alias: 'holding', der: Buffer.from('der'), holding: true },
});
const asked: string[] = [];
const crypto = await startRpcServer({
  access: OPEN_TO_ALL,
  transport: PLAINTEXT,
  listen: '127.0.0.1:0',
  log,
  services: [
    implement(CertificateServiceDefinition, {
      getCertificate: async () => ({ certificate: { ...certificate, hasPrivateKey: true } }),
      importCertificate: notAsked,
      listCertificates: notAsked,
      deleteCertificate: notAsked,
      approveDeletion: notAsked,
      restoreCertificate: notAsked,
    }),
    implement(HoldingServiceDefinition, {
      ensureHoldingKey: async ({ tenantId }) => {
        asked.push(tenantId);
        return { certificate };
      },
      rewrapHeldMedia: notAsked,
    }),
  ],
});

// As an older version left it.
await kv.create(
  'older.101',
  Buffer.from(JSON.stringify({ tenantId: 'older', profileId: '101', suite: 'cms' })),
);

const service = await start(
  parseConfig(config, {
    SEALTRACK_LISTEN: '127.0.0.1:0',
    SEALTRACK_NATS_URL: nats.url,
    SEALTRACK_CRYPTO_ADDRESS: crypto.address,
  }),
  { transport: PLAINTEXT, access: OPEN_ACCESS, log, metrics, signal: new AbortController().signal },
);
const profiles = connectRpc(ProfileServiceDefinition, service.addresses.grpc, { transport: PLAINTEXT });
afterAll(async () => {
  await profiles[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
  await crypto.close();
  await bus[Symbol.asyncDispose]();
});

test('a tenant of before is given its holding key without being asked for', async () => {
  await expect.poll(() => kv.get('older.holding')).toBeDefined();
  expect(asked).toEqual(['older']);
  const { profile } = await profiles.getProfile({ tenantId: 'older', profileId: '101' });
  expect(profile).toMatchObject({ suite: 'cms', policy: 'required', deleted: false });
});

test('a profile is created, listed and deleted over the wire, and listeners hear of it', async () => {
  const of = { tenantId: 'demo', profileId: '7' };
  await profiles.createProfile({ ...of, name: 'Sales' });
  expect((await profiles.listProfiles({ tenantId: 'demo' })).profiles).toMatchObject([{ name: 'Sales' }]);
  await profiles.updateProfile({ ...of, policy: 'optional' });
  await profiles.saveScreenSettings({ tenantId: 'demo', policy: 'off' });
  await profiles.deleteProfile(of);
  const { profile } = await profiles.getProfile(of);
  expect(profile).toMatchObject({ deleted: true });

  const heard: unknown[] = [];
  const options = { subject: 'events.demo.>', from: 'start', signal: AbortSignal.timeout(10_000) } as const;
  for await (const { body } of tailEvents(bus, options)) {
    heard.push(JSON.parse(body));
    if (heard.length === 4) break;
  }
  expect(heard).toMatchObject([
    { tenantId: 'demo', profileId: '7', policy: 'required' },
    { profileId: '7', policy: 'optional' },
    { tenantId: 'demo', policy: 'off' },
    { profileId: '7', deleted: true, revision: String(profile?.revision) },
  ]);
});

test('a holding key is assigned to nothing', async () => {
  await profiles.createProfile({ tenantId: 'demo', profileId: '8', name: 'Sales' });
  const certificateIds = [certificate.certificateId];
  await expect(
    profiles.assignCertificates({ tenantId: 'demo', profileId: '8', certificateIds }),
  ).rejects.toMatchObject({ code: 'CERTIFICATE_UNUSABLE' });
});

test('settings leave as Genesys has them and come back, and their rollout is known', async () => {
  await profiles.createProfile({ tenantId: 'here', profileId: '101', name: 'Sales', suite: 'cms' });
  const { document } = await profiles.exportGenesysSettings({ tenantId: 'here' });
  const { imported } = await profiles.importGenesysSettings({ tenantId: 'there', document });
  expect(imported).toMatchObject([{ profileId: '101', outcome: 'created' }]);
  const of = { tenantId: 'there', profileId: '101' };
  const { profile } = await profiles.getProfile(of);
  expect(profile).toMatchObject({ name: 'Sales', suite: 'cms' });
  const status = { instance: 'enc-1', revision: String(profile?.revision), reportedAt: new Date() };
  await openKv(bus, BUCKETS.encryptors).put('enc-1', Buffer.from(JSON.stringify(status)));
  expect((await profiles.getRollout(of)).encryptors).toMatchObject([
    { instance: 'enc-1', state: 'STATE_APPLIED' },
  ]);
});

test('without a crypto server no tenant begins, and the error says what to do', async () => {
  await crypto.close();
  await expect(
    profiles.createProfile({ tenantId: 'late', profileId: '1', name: 'Sales' }),
  ).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', fix: expect.any(String) });
  await profiles.createProfile({ tenantId: 'demo', profileId: '9', name: 'One more' });
  expect((await kv.list()).filter(({ key }) => key.startsWith('late.'))).toEqual([]);
});
