import type { ServiceName } from '@sealtrack/launcher/system';
import { expect, test } from 'vitest';
import { expectAllThere } from './testing/expect-all-there.ts';
import { startFlow } from './testing/flow.ts';
import { inHalves, mediaOf } from './testing/media.ts';
import { systemUnderTest } from './testing/system-under-test.ts';
import { LARGE, newTenant, PROFILE } from './testing/tenant.ts';
import { insist, isOutage, until } from './testing/until.ts';

const system = await systemUnderTest();
const { doors, nats, services } = system;

/** Asks it to stop, as an orchestrator would. Resolves with its exit code. */
async function terminate(service: ServiceName): Promise<number> {
  const exit = system.exitOf(service);
  process.kill(services[service].pid ?? 0, 'SIGTERM');
  return exit;
}

test('media-encryptor finishes the recordings it has, and leaves nothing half done', async () => {
  const tenant = await newTenant(system);
  const size = 1024 * 1024;
  const upload = inHalves(mediaOf('under-way', size));
  const receipt = tenant.put('under-way', { size, content: upload.content });
  receipt.catch(() => {});
  await until('the upload has begun', async () => (await tenant.underWay('under-way')) > 0);
  const flow = startFlow(tenant, { puts: 2, captures: 2 });
  await flow.more(20);

  const exit = terminate('media-encryptor');
  await until('it takes nothing new', () =>
    tenant.put('late').then(
      () => false,
      (error: unknown) => isOutage(error) || Promise.reject(error),
    ),
  );
  upload.goOn();
  expect(await receipt).toMatchObject({ plaintextSize: BigInt(size), duplicate: false });
  expect(await exit).toBe(0);
  await services['media-encryptor'].restart();
  await flow.more(20);
  await flow.stop();
  await expectAllThere(tenant);
});

test('metadata-processor gives back what it has not indexed', async () => {
  const tenant = await newTenant(system);
  const flow = startFlow(tenant, { puts: 3, captures: 1 });
  await flow.more(20);
  expect(await terminate('metadata-processor')).toBe(0);
  await flow.more(20);
  await services['metadata-processor'].restart();
  await flow.more(20);
  await flow.stop();
  await expectAllThere(tenant);
});

test('crypto-server hands out the rest of what it began to hand out', async () => {
  const tenant = await newTenant(system);
  await tenant.put('long', { size: LARGE });
  await expectAllThere(tenant);

  const parts = doors.decryption
    .decryptMedia({ tenantId: tenant.id, recordingId: 'long' })
    [Symbol.asyncIterator]();
  const chunks: Buffer[] = [];
  const take = async (): Promise<boolean> => {
    const { done, value } = await parts.next();
    if (!done && value.part?.$case === 'chunk') chunks.push(value.part.value);
    return !done;
  };
  for (let taken = 0; taken < 2; taken += 1) expect(await take()).toBe(true);
  const exit = terminate('crypto-server');
  await until('it takes nothing new', () =>
    tenant.decrypt('long').then(
      () => false,
      (error: unknown) => isOutage(error) || Promise.reject(error),
    ),
  );
  while (await take());
  expect(Buffer.concat(chunks).equals(mediaOf('long', LARGE))).toBe(true);
  expect(await exit).toBe(0);
  await services['crypto-server'].restart();
});

test('profile-config finishes the change it has', async () => {
  const tenant = await newTenant(system);
  const assign = () =>
    doors.profiles.assignCertificates({
      tenantId: tenant.id,
      profileId: PROFILE,
      certificateIds: [tenant.certificateId],
    });
  let revision = 0n;
  let stopping = false;
  const changing = (async () => {
    while (!stopping) revision = (await insist('a change', assign)).profile?.revision ?? 0n;
  })();
  changing.catch(() => {});
  await until('changes are made', () => revision > 0n);
  expect(await terminate('profile-config')).toBe(0);
  await services['profile-config'].restart();
  stopping = true;
  await changing;
  const { profile } = await insist('reading it', () =>
    doors.profiles.getProfile({ tenantId: tenant.id, profileId: PROFILE }),
  );
  expect(profile?.revision).toBe(revision);
});

test('services stop in good order while the bus is away, too', async () => {
  const tenant = await newTenant(system);
  const flow = startFlow(tenant, { puts: 2, captures: 0 });
  await flow.more(10);
  await nats.kill();
  await flow.more(10);
  const names: ServiceName[] = ['media-encryptor', 'metadata-processor', 'crypto-server', 'profile-config'];
  expect(await Promise.all(names.map(terminate))).toEqual([0, 0, 0, 0]);
  await nats.restart();
  await Promise.all(names.map((name) => services[name].restart()));
  await flow.more(10);
  await flow.stop();
  await expectAllThere(tenant);
});
