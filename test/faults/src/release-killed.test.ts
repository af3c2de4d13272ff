import { expect, test } from 'vitest';
import { type Expectation, expectAllThere } from './testing/expect-all-there.ts';
import { systemUnderTest } from './testing/system-under-test.ts';
import { newTenant, PROFILE, type Tenant, untilPushed } from './testing/tenant.ts';
import { until } from './testing/until.ts';

const HELD = 60;

const system = await systemUnderTest();
const { doors, services } = system;

const quarantined = async (tenant: Tenant): Promise<number> =>
  (await doors.recordings.listRecordings({ tenantId: tenant.id, pageSize: 1_000, quarantined: true }))
    .recordings.length;

async function holdSome(tenant: Tenant): Promise<void> {
  await doors.profiles.assignCertificates({
    tenantId: tenant.id,
    profileId: PROFILE,
    certificateIds: [],
    none: true,
  });
  await untilPushed(tenant);
  for (let n = 0; n < HELD; n += 1) await tenant.put(`held-${n}`);
  await until('all are held', async () => (await quarantined(tenant)) === HELD);
}

const repair = (tenant: Tenant) =>
  doors.profiles.assignCertificates({
    tenantId: tenant.id,
    profileId: PROFILE,
    certificateIds: [tenant.certificateId],
  });

async function expectReleased(tenant: Tenant, expectation: Expectation = {}): Promise<void> {
  await until('none is held any more', async () => (await quarantined(tenant)) === 0, 90_000);
  const { recordings } = await doors.recordings.countRecordings({
    tenantId: tenant.id,
    certificateId: tenant.certificateId,
  });
  expect(Number(recordings)).toBe(tenant.acknowledged.size);
  await expectAllThere(tenant, expectation);
  expect(tenant.events('recording', 'kept-in-clear')).toEqual([]);
}

/** Milliseconds after the first was released. */
test.each([0, 30])(
  'an encryptor killed %i ms into releasing leaves nothing that the next does not finish',
  async (moment) => {
    const tenant = await newTenant(system);
    await holdSome(tenant);
    await repair(tenant);
    await until('releasing has begun', () => tenant.events('recording', 'rewrapped').length > 0);
    await new Promise((resolve) => setTimeout(resolve, moment));
    await services['media-encryptor'].kill();
    await services['media-encryptor'].restart();
    await expectReleased(tenant, { unfinished: true });
  },
  120_000,
);

test('with the metadata-processor killed meanwhile, the index knows when it is back', async () => {
  const tenant = await newTenant(system);
  await holdSome(tenant);
  await services['metadata-processor'].kill();
  await repair(tenant);
  await until('releasing has begun', () => tenant.events('recording', 'rewrapped').length > 0);
  await services['metadata-processor'].restart();
  await expectReleased(tenant);
}, 120_000);
