import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { waitUntilApplied } from '@sealtrack/launcher/demo/wait-until-applied';
import { expect, test } from 'vitest';
import { expectAllThere } from './testing/expect-all-there.ts';
import { systemUnderTest } from './testing/system-under-test.ts';
import { newTenant, PROFILE, type Tenant } from './testing/tenant.ts';
import { insist, until } from './testing/until.ts';

const system = await systemUnderTest();
const { doors, services, mediaDir } = system;
const encryptor = services['media-encryptor'];

const profileOf = ({ id }: Tenant) => ({ tenantId: id, profileId: PROFILE });

async function deleteProfile(tenant: Tenant): Promise<void> {
  await doors.profiles.deleteProfile(profileOf(tenant));
  await waitUntilApplied(doors, tenant.id, PROFILE);
}

async function repairProfile(tenant: Tenant): Promise<void> {
  await doors.profiles.createProfile({ ...profileOf(tenant), name: 'Again' });
  await doors.profiles.assignCertificates({
    ...profileOf(tenant),
    certificateIds: [tenant.certificateId],
  });
}

async function marksOf({ id }: Tenant): Promise<string[]> {
  const below = await readdir(join(mediaDir, 'quarantine', id), { recursive: true }).catch(() => []);
  return below.filter((name) => /\.(json|release)$/.test(name));
}

/** Everything is sealed to the profile's certificate, and said so as often as it was held. */
async function expectReleased(tenant: Tenant, held: readonly string[]): Promise<void> {
  await until('nothing is in quarantine any more', async () => (await marksOf(tenant)).length === 0, 90_000);
  await until('the index knows', async () => {
    const { recordings } = await doors.recordings.listRecordings({ tenantId: tenant.id, pageSize: 1_000 });
    return recordings.every(
      ({ quarantineReason, media }) =>
        quarantineReason === '' && media[0]?.certificateIds.join() === tenant.certificateId,
    );
  });
  const rewrapped = tenant.events('recording', 'rewrapped').map(({ body }) => JSON.parse(body).recordingId);
  expect(rewrapped.toSorted()).toEqual(held.toSorted());
  await expectAllThere(tenant, { unfinished: true });
}

test('of recordings that arrive while their profile is deleted none is lost, refused or in clear', async () => {
  const tenant = await newTenant(system);
  const held: string[] = [];
  let isDeleted = false;
  const sending = (async () => {
    for (let n = 0; n < 40 || (!isDeleted && n < 2_000); n++) {
      const { quarantineReason, certificateIds, clearPolicy } = await tenant.put(`call-${n}`);
      expect(clearPolicy).toBe('');
      expect(certificateIds).toHaveLength(1);
      if (quarantineReason === '') expect(certificateIds).toEqual([tenant.certificateId]);
      else {
        expect(quarantineReason).toBe('profile-deleted');
        held.push(`call-${n}`);
      }
    }
  })();
  await until('some have arrived', () => tenant.acknowledged.size > 5);
  await deleteProfile(tenant);
  isDeleted = true;
  await sending;
  held.push('after');
  expect(await tenant.put('after')).toMatchObject({ quarantineReason: 'profile-deleted' });
  expect(tenant.events('recording', 'quarantined')).toHaveLength(held.length);
  await repairProfile(tenant);
  await expectReleased(tenant, held);
});

test('two encryptors that release at once, one of them killed again and again, release everything once', async () => {
  const tenant = await newTenant(system);
  const second = await system.startEncryptor();
  try {
    await deleteProfile(tenant);
    const held = Array.from({ length: 60 }, (_, n) => `held-${n}`);
    for (const id of held) await tenant.put(id);
    expect(await marksOf(tenant)).toHaveLength(held.length);
    await repairProfile(tenant);
    for (let round = 0; round < 3; round++) {
      const before = tenant.events('recording', 'rewrapped').length;
      await until(
        'some more were released',
        async () =>
          tenant.events('recording', 'rewrapped').length > before || (await marksOf(tenant)).length === 0,
      );
      for (let turn = 0; turn < round * 3; turn++) await nextTurn();
      await encryptor.kill();
      await insist('the restart', () => encryptor.restart());
    }
    await expectReleased(tenant, held);
  } finally {
    await second.stop();
  }
});

test('what cannot be released while the crypto server is away is released when it is back', async () => {
  const tenant = await newTenant(system);
  const cryptoServer = services['crypto-server'];
  await deleteProfile(tenant);
  await tenant.put('held');
  await encryptor.kill();
  await repairProfile(tenant);
  await cryptoServer.kill();
  // It sweeps as it starts.
  await encryptor.restart();
  await tenant.put('meanwhile');
  expect(await marksOf(tenant)).toHaveLength(1);
  await cryptoServer.restart();
  // The next sweep comes by itself within a minute, or with the next change.
  await insist('a change', () => doors.profiles.updateProfile({ ...profileOf(tenant), name: 'Changed' }));
  await expectReleased(tenant, ['held']);
});
