import { IngestServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import type { ServiceProcess } from '@sealtrack/launcher/service-process';
import { connectRpc } from '@sealtrack/rpc/client';
import { afterAll, expect, test } from 'vitest';
import { expectAllThere } from './testing/expect-all-there.ts';
import { inHalves, mediaOf } from './testing/media.ts';
import { systemUnderTest } from './testing/system-under-test.ts';
import { LARGE, newTenant, type Tenant } from './testing/tenant.ts';
import { until } from './testing/until.ts';

// One capture at a time each, so that two captures are one for each of them.
const system = await systemUnderTest({ env: { 'media-encryptor': { SEALTRACK_CAPTURE_CONCURRENCY: '1' } } });
const first = system.services['media-encryptor'];
const second = await system.startEncryptor();
const ingest = connectRpc(IngestServiceDefinition, second.address, {
  transport: await system.connections.transportOf('pipeline'),
});
afterAll(async () => {
  await ingest[Symbol.asyncDispose]();
  await second.stop();
});

/** Two captures that are being encrypted, one by each. */
async function bothAtWork(tenant: Tenant): Promise<void> {
  const ids = ['one', 'other'];
  await Promise.all(ids.map((id) => tenant.capture(id, LARGE)));
  await until('both are being encrypted', async () => {
    const counts = await Promise.all(ids.map((id) => tenant.underWay(id)));
    return counts.every((count) => count > 0);
  });
}

test('the same recording sent to both at once is one, and both receipts say so', async () => {
  const tenant = await newTenant(system);
  const size = 1024 * 1024;
  for (let round = 0; round < 5; round += 1) {
    const id = `round-${round}`;
    const uploads = [inHalves(mediaOf(id, size)), inHalves(mediaOf(id, size))] as const;
    const receipts = Promise.all([
      tenant.put(id, { size, content: uploads[0].content }),
      tenant.put(id, { size, content: uploads[1].content, ingest }),
    ]);
    receipts.catch(() => {});
    // Each has a part of it on disk, so neither can have found the other's.
    await until('both are under way', async () => (await tenant.underWay(id)) === 2);
    for (const upload of uploads) upload.goOn();
    const [one, other] = await receipts;
    expect([one.duplicate, other.duplicate].sort()).toEqual([false, true]);
    expect({ ...one, duplicate: true }).toEqual({ ...other, duplicate: true });
  }
  await expectAllThere(tenant);
});

test('what a killed encryptor was at, the other one takes over', async () => {
  const tenant = await newTenant(system);
  await bothAtWork(tenant);
  await second.kill();
  await expectAllThere(tenant, { unfinished: true });
  await second.restart();
});

test.each<[string, ServiceProcess]>([
  ['first', first],
  ['second', second],
])(
  'what the %s, suspended, was at is stored by the other, and it gives way when it wakes',
  async (_, asleep) => {
    const tenant = await newTenant(system);
    await bothAtWork(tenant);
    await asleep.kill('SIGSTOP');
    await until('the other has stored both', () => tenant.events('recording', 'stored').length === 2);
    await asleep.kill('SIGCONT');
    await expectAllThere(tenant);
    expect(tenant.events('recording', 'stored')).toHaveLength(2);
  },
);
