import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { IngestServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { EncryptorRollout_State } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { hasCode } from '@sealtrack/errors/app-error';
import { connectRpc } from '@sealtrack/rpc/client';
import { afterAll, expect, test } from 'vitest';
import { cuttableWire } from './testing/cuttable-wire.ts';
import { expectAllThere } from './testing/expect-all-there.ts';
import { startFlow } from './testing/flow.ts';
import { systemUnderTest } from './testing/system-under-test.ts';
import { newTenant, PROFILE, type Tenant, untilPushed } from './testing/tenant.ts';
import { insist, until } from './testing/until.ts';

const system = await systemUnderTest();
const { doors, nats } = system;
const wire = await cuttableWire(system.natsUrl);
afterAll(() => wire[Symbol.asyncDispose]());
const far = await system.startEncryptor({ SEALTRACK_NATS_URL: wire.url, SEALTRACK_INSTANCE: 'far' });
const farIngest = connectRpc(IngestServiceDefinition, far.address, {
  transport: await system.connections.transportOf('pipeline'),
});
afterAll(async () => {
  await farIngest[Symbol.asyncDispose]();
  await far.stop();
});
const made = await Promise.all(['First', 'Second'].map((commonName) => createSelfSigned({ commonName })));

async function importAll(tenant: Tenant): Promise<string[]> {
  const imported = await Promise.all(
    made.map(({ certificatePem, privateKeyPem }) =>
      doors.certificates.importCertificate({
        tenantId: tenant.id,
        certificate: Buffer.from(certificatePem),
        privateKey: Buffer.from(privateKeyPem),
      }),
    ),
  );
  return imported.map(({ certificate }) => certificate?.certificateId ?? '');
}

const assign = (tenant: Tenant, certificateIds: string[], expectedRevision = 0n) =>
  doors.profiles.assignCertificates({
    tenantId: tenant.id,
    profileId: PROFILE,
    certificateIds,
    expectedRevision,
  });

const rolloutOf = async ({ id }: Tenant) =>
  (await doors.profiles.getRollout({ tenantId: id, profileId: PROFILE })).encryptors;
const isApplied = ({ state }: { readonly state: EncryptorRollout_State }) =>
  state === EncryptorRollout_State.APPLIED;

let sent = 0;
const certificatesUsed = async (tenant: Tenant, ingest = doors.ingest): Promise<string[]> => {
  sent += 1;
  const receipt = await insist('sending', () => tenant.put(`asked-${sent}`, { ingest }));
  return [...receipt.certificateIds].sort();
};

test('a change that the bus was killed under is there for every encryptor once it was answered, and never half', async () => {
  const tenant = await newTenant(system);
  const [one = '', other = ''] = await importAll(tenant);
  for (const [round, moment] of [0, 1, 3, 8, 20].entries()) {
    const wanted = round % 2 === 0 ? [one] : [other, one].sort();
    const assigning = insist('assigning', () => assign(tenant, wanted));
    setTimeout(() => void nats.kill(), moment);
    await until('the bus is gone', () => nats.pid === undefined, 5_000).catch(() => {});
    await nats.restart();
    const { profile } = await assigning;
    expect(profile?.certificates.map(({ certificateId }) => certificateId).sort()).toEqual(wanted);
    // After its restart the broker knows of no encryptor until that speaks up again.
    await until('both have it', async () => (await rolloutOf(tenant)).filter(isApplied).length === 2);
    for (const ingest of [doors.ingest, farIngest])
      expect(await certificatesUsed(tenant, ingest)).toEqual(wanted);
  }
  await expectAllThere(tenant);
}, 120_000);

test('an encryptor that is cut off goes on with what it had, is seen to, and catches up', async () => {
  const tenant = await newTenant(system);
  const [one = '', other = ''] = await importAll(tenant);
  await assign(tenant, [one]);
  await untilPushed(tenant);
  wire.cut();
  await assign(tenant, [other]);
  await until('the near one has it', async () => (await certificatesUsed(tenant)).join() === other);
  expect(await certificatesUsed(tenant, farIngest)).toEqual([one]);
  const rollout = async () => (await rolloutOf(tenant)).find(({ instance }) => instance === 'far');
  const { PENDING, SILENT, APPLIED } = EncryptorRollout_State;
  expect([PENDING, SILENT, undefined]).toContain((await rollout())?.state);
  wire.mend();
  await until('the far one has it', async () => (await rollout())?.state === APPLIED);
  expect(await certificatesUsed(tenant, farIngest)).toEqual([other]);
  await expectAllThere(tenant);
}, 120_000);

test('an encryptor that is killed and starts while the bus is down takes recordings, and says them when that is back', async () => {
  const tenant = await newTenant(system);
  const stored = join(system.mediaDir, '../state/profiles.snapshot');
  await until('the profile is stored', async () =>
    (await readFile(stored, 'utf8')).includes(`${tenant.id}.${PROFILE}`),
  );
  await nats.kill();
  const encryptor = system.services['media-encryptor'];
  await encryptor.kill();
  await encryptor.restart();
  expect(await tenant.put('during')).toMatchObject({
    certificateIds: [tenant.certificateId],
    quarantineReason: '',
    clearPolicy: '',
  });
  await nats.restart();
  await expectAllThere(tenant);
}, 120_000);

test('of two administrators at once one is told, and what the other did stays', async () => {
  const tenant = await newTenant(system);
  const [one = '', other = ''] = await importAll(tenant);
  for (let round = 0; round < 10; round += 1) {
    const { profile } = await doors.profiles.getProfile({ tenantId: tenant.id, profileId: PROFILE });
    const both = await Promise.allSettled([
      assign(tenant, [one], profile?.revision),
      assign(tenant, [one, other], profile?.revision),
    ]);
    const won = both.flatMap((each) => (each.status === 'fulfilled' ? [each.value.profile] : []));
    expect(won).toHaveLength(1);
    const lost = both.find((each) => each.status === 'rejected');
    expect(hasCode(lost?.reason, 'PROFILE_CONFLICT')).toBe(true);
    const now = await doors.profiles.getProfile({ tenantId: tenant.id, profileId: PROFILE });
    expect(now.profile).toEqual(won[0]);
  }
});

test('a profile that is deleted while recordings arrive for it: all are stored, and none in clear', async () => {
  const tenant = await newTenant(system);
  const flow = startFlow(tenant, { puts: 2, captures: 1 });
  await flow.more(10);
  await doors.profiles.deleteProfile({ tenantId: tenant.id, profileId: PROFILE });
  await untilPushed(tenant);
  await flow.more(10);
  await flow.stop();
  await expectAllThere(tenant);
  expect(tenant.events('recording', 'kept-in-clear')).toEqual([]);
  expect(tenant.events('recording', 'quarantined').length).toBeGreaterThanOrEqual(10);

  await doors.profiles.createProfile({ tenantId: tenant.id, profileId: PROFILE, name: 'Again' });
  await assign(tenant, [tenant.certificateId]);
  await until('nothing is held any more', async () => {
    const { recordings } = await doors.recordings.listRecordings({ tenantId: tenant.id, quarantined: true });
    return recordings.length === 0;
  });
  await expectAllThere(tenant);
}, 120_000);
