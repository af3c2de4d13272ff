import { AppError } from '@sealtrack/errors/app-error';
import { expect, test } from 'vitest';
import { expectAllThere } from './src/expect-all-there.ts';
import { startFlow } from './src/flow.ts';
import { systemUnderTest } from './src/system-under-test.ts';
import { newTenant, type Tenant } from './src/tenant.ts';

const system = await systemUnderTest();
const { doors, redis } = system;

/** What a caller is told, and that it is told before it has lost its patience. */
async function expectRefused(what: string, code: string, work: () => Promise<unknown>): Promise<void> {
  const asked = performance.now();
  const outcome = await work().catch((error: unknown) => error);
  expect(outcome, what).toBeInstanceOf(AppError);
  expect(outcome, what).toMatchObject({ code, fix: expect.stringMatching(/Redis.*again/) });
  expect(performance.now() - asked, what).toBeLessThan(PATIENCE_MS);
}

const PATIENCE_MS = 8_000;

async function expectOutage(tenant: Tenant): Promise<void> {
  const { id: tenantId } = tenant;
  const { certificatePem, privateKeyPem } = system.certificate;
  await Promise.all([
    expectRefused('decrypting', 'INDEX_UNAVAILABLE', () => tenant.decrypt('earlier')),
    expectRefused('listing', 'INDEX_UNAVAILABLE', () => tenant.listed()),
    expectRefused('certificates', 'SEALED_STORE_UNAVAILABLE', () =>
      doors.certificates.listCertificates({ tenantId }),
    ),
    expectRefused('importing', 'SEALED_STORE_UNAVAILABLE', () =>
      doors.certificates.importCertificate({
        tenantId,
        certificate: certificatePem,
        privateKey: Buffer.from(privateKeyPem),
      }),
    ),
  ]);
}

test.each([
  ['killed', () => redis.kill(), () => redis.restart()],
  ['suspended', () => signal('SIGSTOP'), () => signal('SIGCONT')],
])(
  'while Redis is %s recordings are taken and readers told why not; afterwards everything is there',
  async (_, take, giveBack) => {
    const tenant = await newTenant(system);
    await tenant.put('earlier');
    await expectAllThere(tenant);

    const flow = startFlow(tenant, { puts: 1, captures: 1 });
    await flow.more(20);
    await take();
    await flow.more(20);
    await expectOutage(tenant);
    await giveBack();
    await flow.more(20);
    await flow.stop();
    await expectAllThere(tenant);
  },
);

async function signal(name: NodeJS.Signals): Promise<void> {
  process.kill(redis.pid ?? 0, name);
}
