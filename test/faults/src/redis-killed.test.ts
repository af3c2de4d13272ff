import { test } from 'vitest';
import { expectAllThere } from './testing/expect-all-there.ts';
import { startFlow } from './testing/flow.ts';
import { expectRefused, outage, WAYS } from './testing/outage.ts';
import { systemUnderTest } from './testing/system-under-test.ts';
import { newTenant, type Tenant } from './testing/tenant.ts';

const system = await systemUnderTest();
const { doors, redis } = system;

/** All that needs Redis, at once. */
async function expectRefusals(tenant: Tenant): Promise<void> {
  const { id: tenantId } = tenant;
  const { certificatePem, privateKeyPem } = system.certificate;
  const index = { code: 'INDEX_UNAVAILABLE', fix: /Redis.*again/ };
  const sealed = { code: 'SEALED_STORE_UNAVAILABLE', fix: /Redis.*again/ };
  await Promise.all([
    expectRefused('decrypting', index, () => tenant.decrypt('not-heard-before')),
    expectRefused('listing', index, () => tenant.listed()),
    expectRefused('certificates', sealed, () => doors.certificates.listCertificates({ tenantId })),
    expectRefused('importing', sealed, () =>
      doors.certificates.importCertificate({
        tenantId,
        certificate: Buffer.from(certificatePem),
        privateKey: Buffer.from(privateKeyPem),
      }),
    ),
  ]);
}

test.each(WAYS)('while Redis is %s, recordings are taken and readers told why not', async (how) => {
  const tenant = await newTenant(system);
  await tenant.put('earlier');
  await expectAllThere(tenant);

  const flow = startFlow(tenant, { puts: 1, captures: 1 });
  await flow.more(20);
  {
    await using _outage = await outage(redis, how);
    await flow.more(20);
    await expectRefusals(tenant);
    // Whoever listens goes on listening: the session key is in memory.
    await tenant.decrypt('earlier');
  }
  await flow.more(20);
  await flow.stop();
  await expectAllThere(tenant);
});
