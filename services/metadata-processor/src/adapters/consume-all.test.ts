import { connectBus } from '@sealtrack/bus/connect';
import { publishEvent } from '@sealtrack/bus/publish';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { MediaDecryptRequested } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import { STREAMS, SUBJECTS } from '@sealtrack/contracts/subjects';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { expect, test } from 'vitest';
import { encrypted } from '../testing/events.ts';
import { newTenant } from '../testing/recordings.ts';
import { consumeAll } from './consume-all.ts';

const nats = await testNats();

test('without an audit trail everything else is heard of, and the trail once there is one', async () => {
  await using bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' });
  const { streams } = bus.link.manager;
  await streams.add({ name: STREAMS.events, subjects: [SUBJECTS.allEvents] });
  const tenant = newTenant();
  const [indexed, opened] = [Promise.withResolvers<string>(), Promise.withResolvers<object>()];
  const lines: string[] = [];
  const say = (_: object, message: string) => void lines.push(message);
  const nothing = async () => undefined as never;
  const stop = new AbortController();
  const consuming = consumeAll(bus, {
    index: {
      ...{ rewrap: nothing, get: nothing, history: nothing },
      add: async (recording) => {
        indexed.resolve(recording.recordingId);
        return { recording, added: true };
      },
    },
    failures: { add: nothing, list: nothing, of: nothing, forgetGone: nothing },
    accesses: { list: nothing, counts: nothing, add: async (access) => opened.resolve(access) },
    announcer: { recordingStored: nothing },
    ...{ clock: () => new Date(), indexed: { add: () => {} }, signal: stop.signal },
    config: { eventConcurrency: 4, eventAckWaitMs: 5_000 },
    log: { debug: say, info: say, warn: say, error: say },
  });
  await publishEvent(bus, {
    subject: SUBJECTS.event(tenant, 'recording', 'encrypted'),
    ...{ kind: EVENT_KINDS.recordingEncrypted, id: 'r', source: 'test', data: encrypted(tenant, 'r', []) },
  });
  expect(await indexed.promise).toBe('r');
  expect(lines).toEqual([]);

  await streams.add({ name: STREAMS.audit, subjects: [SUBJECTS.allAudit] });
  // A record of an older version does not say what was done.
  const { sequence } = await publishEvent(bus, {
    subject: SUBJECTS.audit(tenant, 'media-decrypt'),
    ...{ kind: EVENT_KINDS.mediaDecryptRequested, id: 'a', source: 'test', time: new Date(1e12) },
    data: MediaDecryptRequested.fromPartial({ tenantId: tenant, recordingId: 'r', mediaId: 'main' }),
  });
  expect(await opened.promise).toMatchObject({
    ...{ tenantId: tenant, recordingId: 'r', sequence, stored: expect.any(Date) },
    access: { action: 'play', at: new Date(1e12), mediaId: 'main' },
  });
  stop.abort();
  await consuming;
});
