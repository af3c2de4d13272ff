import { describeBus } from '@sealtrack/bus/describe-bus';
import { redisForTests } from '@sealtrack/launcher/testing/redis-for-tests';
import { afterAll, expect, test } from 'vitest';
import { expectAllThere } from './testing/expect-all-there.ts';
import { systemUnderTest } from './testing/system-under-test.ts';
import { newTenant } from './testing/tenant.ts';
import { until } from './testing/until.ts';

const RECORDINGS = 200;
const SENDERS = 4;
const KILLED_AFTER = [20, 60, 100, 140, 180];

const system = await systemUnderTest();
const { nats, services } = system;
const processor = services['metadata-processor'];
const connection = await redisForTests(system, system.dir);
const redis = connection.client;
afterAll(() => connection[Symbol.asyncDispose]());

test('recordings that came while the processor was killed again and again are listed once', async () => {
  const tenant = await newTenant(system);
  const waiting = Array.from({ length: RECORDINGS }, (_, n) => `recording-${String(n).padStart(3, '0')}`);
  const send = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await tenant.put(id);
  };
  const sending = Promise.all(Array.from({ length: SENDERS }, send));
  for (const count of KILLED_AFTER) {
    await until(`${count} are acknowledged`, () => tenant.acknowledged.size >= count);
    await processor.kill();
    await processor.restart();
  }
  await sending;
  expect(tenant.acknowledged.size).toBe(RECORDINGS);
  await expectAllThere(tenant);
});

test('a crash between index and event is healed', async () => {
  const tenant = await newTenant(system);
  await processor.kill('SIGSTOP');
  await tenant.put('indexed');
  await until('recording.encrypted', () => tenant.events('recording', 'encrypted').length > 0);
  // A round trip: by now the broker has sent the event to the suspended processor, too.
  await describeBus(system.doors.bus);
  process.kill(nats.pid ?? 0, 'SIGSTOP');
  await processor.kill('SIGCONT');
  await until(
    'it is in the index',
    async () => (await redis.exists(`st:{${tenant.id}}:recording:indexed`)) === 1,
  );
  await processor.kill();
  // Killed before it ran again, so what the processor sent last was never taken.
  await nats.kill();
  await nats.restart();
  expect(tenant.events('recording', 'stored')).toEqual([]);
  await processor.restart();
  await expectAllThere(tenant);
});
