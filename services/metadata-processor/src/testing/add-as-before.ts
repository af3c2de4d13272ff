import { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { RedisClient } from '@sealtrack/redis/connect';
import { timelineEntry } from '../adapters/redis-keys.ts';

/** What version 0.1 did with a recording. */
export async function addAsBefore(redis: RedisClient, recording: Recording): Promise<void> {
  const { tenantId, recordingId } = recording;
  await redis
    .multi()
    .set(`st:{${tenantId}}:recording:${recordingId}`, JSON.stringify(Recording.toJSON(recording)))
    .zadd(`st:{${tenantId}}:recordings`, 0, timelineEntry(recording))
    .exec();
}
