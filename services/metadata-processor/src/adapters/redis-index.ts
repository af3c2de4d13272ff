import type { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { AppError } from '@sealtrack/errors/app-error';
import type { RecordingId, TenantId } from '@sealtrack/ids/ids';
import type { RedisClient } from '@sealtrack/redis/connect';
import { amend } from '../domain/amend.ts';
import { isNewer } from '../domain/recording-event.ts';
import type { Added, KnownRecording, RecordingIndex } from '../ports.ts';
import { orUnavailable } from './or-unavailable.ts';
import { ADD, AMEND, REPLACE } from './redis-index-scripts.ts';
import {
  countedKey,
  encryptedToKeys,
  failedKey,
  failuresKey,
  foundByKey,
  foundByKeys,
  quarantinedKey,
  recordingKey,
  timelineEntry,
  timelineKey,
  timelineTime,
} from './redis-keys.ts';
import { decodeStored, encodeStored } from './stored-recording.ts';

/** An entry changes only when it is re-wrapped, so one that changes so often under the hands is none that can be compared. */
const REPLACE_TRIES = 20;

const argumentsOf = (known: KnownRecording): string[] => {
  const { recording } = known;
  const { recordingId, quarantineReason, encryptedAt, storedAt } = recording;
  return [
    encodeStored(known),
    timelineEntry(recording),
    quarantineReason === '' ? '' : 'quarantined',
    recordingId,
    timelineTime((encryptedAt ?? storedAt)?.getTime() ?? 0),
  ];
};

/**
 * The index in Redis, whose append-only file makes it durable; the media store can rebuild it.
 * @param agentAttributes as `agentAttributes` of domain/agents.ts gives them.
 */
export function createRedisIndex(redis: RedisClient, agentAttributes: readonly string[]): RecordingIndex {
  const ownKeys = ({ tenantId, recordingId }: Recording): string[] => [
    recordingKey(tenantId, recordingId),
    timelineKey(tenantId),
    countedKey(tenantId),
    foundByKey(tenantId, agentAttributes),
    quarantinedKey(tenantId),
    failuresKey(tenantId, recordingId),
    failedKey(tenantId),
  ];
  const setsOf = (recording: Recording): string[][] => [
    encryptedToKeys(recording),
    foundByKeys(recording, agentAttributes),
  ];

  const put = async (recording: Recording) => {
    const keys = [...ownKeys(recording), ...setsOf(recording).flat()];
    const known = { recording, heldFor: recording.quarantineReason };
    const answer = await redis.eval(ADD, keys.length, ...keys, ...argumentsOf(known));
    const [added, json] = answer as [number, string];
    return { added: added === 1, json };
  };

  const add = async (recording: Recording): Promise<Added> => {
    for (let tries = 0; tries < REPLACE_TRIES; tries += 1) {
      const { added, json } = await put(recording);
      const known = decodeStored(json);
      const amended = added ? undefined : amend(known, recording);
      if (amended === undefined) return { recording: known.recording, added };
      const key = recordingKey(recording.tenantId, recording.recordingId);
      if ((await redis.eval(AMEND, 1, key, encodeStored(amended), json)) === 1)
        return { recording: amended.recording, added };
    }
    throw incomparable(recording);
  };

  const replace = async (json: string, existing: Recording, next: KnownRecording): Promise<boolean> => {
    const before = setsOf(existing);
    const { recording } = next;
    const keys = [...ownKeys(recording), ...before.flat(), ...setsOf(recording).flat()];
    const expected = [json, timelineEntry(existing), ...before.map((sets) => sets.length)];
    const done = await redis.eval(REPLACE, keys.length, ...keys, ...argumentsOf(next), ...expected);
    return done === 1;
  };

  const rewrap = async (recording: Recording): Promise<Added> => {
    for (let tries = 0; tries < REPLACE_TRIES; tries += 1) {
      const json = await redis.get(recordingKey(recording.tenantId, recording.recordingId));
      if (json === null) {
        const { added } = await put(recording);
        if (added) return { recording, added };
        continue;
      }
      const { recording: existing, heldFor } = decodeStored(json);
      if (!isNewer(recording, existing)) return { recording: existing, added: false };
      const { storedAt, traceId } = existing;
      const next = {
        ...{ ...recording, storedAt, traceId: traceId || recording.traceId },
        capturedAt: recording.capturedAt ?? existing.capturedAt,
      };
      if (await replace(json, existing, { recording: next, heldFor }))
        return { recording: next, added: false };
    }
    throw incomparable(recording);
  };

  const read = (tenantId: TenantId, recordingId: RecordingId) =>
    orUnavailable(async () => {
      const json = await redis.get(recordingKey(tenantId, recordingId));
      return json === null ? undefined : decodeStored(json);
    });
  return {
    add: (recording) => orUnavailable(() => add(recording)),
    rewrap: (recording) => orUnavailable(() => rewrap(recording)),
    get: async (tenantId, recordingId) => (await read(tenantId, recordingId))?.recording,
    history: read,
  };
}

const incomparable = ({ recordingId }: Recording): AppError =>
  new AppError('INTERNAL', 'The entry of the recording in the index cannot be replaced', {
    fix: 'Was it changed by hand? Delete it in Redis and have the index read the events again: docs/operations.md.',
    details: { recording_id: recordingId },
  });
