import { connectBus } from '@sealtrack/bus/connect';
import { openKv } from '@sealtrack/bus/kv';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { HoldingKey } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { BUCKETS, SUBJECTS } from '@sealtrack/contracts/subjects';
import { hasCode } from '@sealtrack/errors/app-error';
import { afterAll, expect, test } from 'vitest';
import { expectAllThere } from './testing/expect-all-there.ts';
import { systemUnderTest } from './testing/system-under-test.ts';
import { newTenant, PROFILE, type Tenant } from './testing/tenant.ts';
import { insist, until } from './testing/until.ts';

const system = await systemUnderTest();
const { doors, services } = system;
// Profiles are nobody else's to read from the bus.
const transport = await system.connections.transportOf('profile-config');
const bus = await connectBus({ transport, url: system.natsUrl, name: 'test' });
afterAll(() => bus[Symbol.asyncDispose]());
const profileConfig = services['profile-config'];
const other = await createSelfSigned({ commonName: 'Fault tests, renewed' });

async function importOther(tenant: Tenant): Promise<string> {
  const { certificate } = await doors.certificates.importCertificate({
    tenantId: tenant.id,
    certificate: Buffer.from(other.certificatePem),
    privateKey: Buffer.from(other.privateKeyPem),
  });
  return certificate?.certificateId ?? '';
}

const assign = (tenant: Tenant, certificateId: string) =>
  doors.profiles.assignCertificates({
    tenantId: tenant.id,
    profileId: PROFILE,
    certificateIds: [certificateId],
  });

async function assigned(tenant: Tenant): Promise<string[]> {
  const { profile } = await insist('reading the profile', () =>
    doors.profiles.getProfile({ tenantId: tenant.id, profileId: PROFILE }),
  );
  return profile?.certificates.map(({ certificateId }) => certificateId) ?? [];
}

/** What the encryptor says it encrypted to, as soon as that is what it should be. */
async function expectEncryptedTo(tenant: Tenant, certificateIds: readonly string[]): Promise<void> {
  let sent = tenant.acknowledged.size;
  await until('the encryptor agrees', async () => {
    sent += 1;
    const receipt = await tenant.put(`recording-${sent}`);
    return JSON.stringify(receipt.certificateIds) === JSON.stringify(certificateIds);
  });
}

/** Calls back as soon as the next change of the entry is on the bus, which is when the encryptor has it, too. */
async function whenPushed(key: string, act: () => void): Promise<Disposable> {
  const done = new AbortController();
  const changes = openKv(bus, BUCKETS.profiles).watch({ signal: done.signal });
  for (let isWhole = false; !isWhole; ) isWhole = (await changes.next()).value?.upToDate ?? true;
  const watching = (async () => {
    for await (const { entries } of changes) if (entries.some((entry) => entry.key === key)) return act();
  })();
  watching.catch(() => {});
  return { [Symbol.dispose]: () => done.abort() };
}

const kill = (): void => {
  if (profileConfig.pid !== undefined) process.kill(profileConfig.pid, 'SIGKILL');
};

/** Milliseconds after the request was sent; undefined is the moment the change is on the bus. */
const MOMENTS = [0, 2, 5, 10, 20, undefined];

test('a profile whose service was killed while it was changed is the old one or the new one, for everybody', async () => {
  const tenant = await newTenant(system);
  const ids = [tenant.certificateId, await importOther(tenant)] as const;
  for (const [round, moment] of MOMENTS.entries()) {
    const [before, after] = round % 2 === 0 ? ids : ([ids[1], ids[0]] as const);
    const key = SUBJECTS.profileKey(tenant.id, PROFILE);
    using _watch = await whenPushed(key, moment === undefined ? kill : () => {});
    const exit = system.exitOf('profile-config');
    const assigning = assign(tenant, after).catch((error: unknown) => error);
    if (moment !== undefined) setTimeout(kill, moment);
    await exit;
    const outcome = await assigning;
    await profileConfig.restart();

    const found = await assigned(tenant);
    if (outcome instanceof Error) {
      expect(outcome).toMatchObject({ code: 'SERVICE_UNAVAILABLE', fix: expect.stringContaining('again') });
      expect([[before], [after]]).toContainEqual(found);
    } else expect(found).toEqual([after]);
    if (moment === undefined) expect(found).toEqual([after]);
    await expectEncryptedTo(tenant, found);

    await assign(tenant, after);
    expect(await assigned(tenant)).toEqual([after]);
    await expectEncryptedTo(tenant, [after]);
  }
  await expectAllThere(tenant);
});

test('while it is down, recordings are encrypted to what was assigned', async () => {
  const tenant = await newTenant(system);
  await profileConfig.kill();
  await expect(assign(tenant, tenant.certificateId)).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    fix: expect.any(String),
  });
  await tenant.put('over-grpc');
  await tenant.capture('over-nats');
  await expectAllThere(tenant);
  await profileConfig.restart();
});

/** Milliseconds after the request was sent; making a key takes some hundred. The last is when the key is on the bus. */
const MOMENTS_OF_BEGINNING = [0, 5, 50, 200, 500, undefined];

test('killed while a tenant begins, it leaves no profile without a holding key, and one key for all', async () => {
  const kv = openKv(bus, BUCKETS.profiles);
  for (const [round, moment] of MOMENTS_OF_BEGINNING.entries()) {
    const tenantId = `beginning-${round}`;
    const create = () => doors.profiles.createProfile({ tenantId, profileId: PROFILE, name: 'First' });
    const keyOf = () => kv.get(SUBJECTS.holdingKey(tenantId));
    using _watch = await whenPushed(SUBJECTS.holdingKey(tenantId), moment === undefined ? kill : () => {});
    const exit = system.exitOf('profile-config');
    const creating = create().catch((error: unknown) => error);
    if (moment !== undefined) setTimeout(kill, moment);
    await exit;
    const outcome = await creating;

    const left = await kv.get(SUBJECTS.profileKey(tenantId, PROFILE));
    const key = await keyOf();
    if (left !== undefined) expect(key).toBeDefined();
    if (!(outcome instanceof Error)) expect(left).toBeDefined();
    if (moment === undefined) expect(key).toBeDefined();

    await profileConfig.restart();
    const again = await insist('creating the profile', () =>
      create().catch((error: unknown) => {
        if (hasCode(error, 'PROFILE_EXISTS')) return error;
        throw error;
      }),
    );
    expect(again instanceof Error).toBe(left !== undefined);
    const holding = HoldingKey.fromJSON(JSON.parse(Buffer.from((await keyOf())?.value ?? '').toString()));
    if (key !== undefined) expect(await keyOf()).toEqual(key);
    expect(holding.certificate?.certificateId).toMatch(/^[0-9a-f]{64}$/);
  }
});
