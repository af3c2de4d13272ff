import { redisForTests } from '@sealtrack/launcher/testing/redis-for-tests';
import { afterAll, expect, test } from 'vitest';
import { systemUnderTest } from './testing/system-under-test.ts';
import { newTenant } from './testing/tenant.ts';
import { until } from './testing/until.ts';

/** 400 steps, so that a kill comes before the last one. */
const OLD = 20_000;
const KILLS = 3;

const system = await systemUnderTest();
const processor = system.services['metadata-processor'];
const connection = await redisForTests(system, system.dir);
const redis = connection.client;
afterAll(() => connection[Symbol.asyncDispose]());

test('a processor killed again and again while it counts the recordings of an older version counts each once', async () => {
  const tenant = await newTenant(system);
  const { certificateId } = tenant;
  await tenant.put('new');
  const key = `st:{${tenant.id}}:recording:new`;
  const json = await until('it is indexed', async () => (await redis.get(key)) ?? undefined);
  await processor.kill();

  // What an index of version 0.1 has: the recording and its place in the timeline, nothing else.
  const old = redis.pipeline();
  for (let n = 0; n < OLD; n += 1) {
    const recordingId = `old-${n}`;
    old.set(
      `st:{${tenant.id}}:recording:${recordingId}`,
      JSON.stringify({ ...JSON.parse(json), recordingId }),
    );
    old.zadd(`st:{${tenant.id}}:recordings`, 0, `${String(n).padStart(16, '0')}:${recordingId}`);
  }
  await old.exec();

  const counted = async () => Number(await redis.hget(`st:{${tenant.id}}:encrypted-to`, 'recordings'));
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const before = await counted();
    const restarting = processor.restart();
    await until('it counts', async () => before === OLD + 1 || (await counted()) > before);
    await restarting;
    await processor.kill();
  }

  await processor.restart();
  // While it is not done the only answer is that it is not, which is an outage to its callers.
  const { recordings } = await until('the count', () =>
    system.doors.recordings.countRecordings({ tenantId: tenant.id, certificateId }),
  );
  expect(recordings).toBe(BigInt(OLD + 1));
  expect(await counted()).toBe(OLD + 1);
});
