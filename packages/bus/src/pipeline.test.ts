import { createHash, randomBytes } from 'node:crypto';
import { jetstream } from '@nats-io/jetstream';
import { Objm } from '@nats-io/obj';
import { connect, headers } from '@nats-io/transport-node';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { BUCKETS, STREAMS, SUBJECTS } from '@sealtrack/contracts/subjects';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { expect, test } from 'vitest';
import { connectBus } from './connect.ts';
import { consumeEvents } from './consume.ts';
import { openObjectStore } from './object-store.ts';
import { ensureStreams } from './streams.ts';

const nats = await testNats();

test('a pipeline with nothing but the stock client hands a recording over as docs/events.md says', async () => {
  await using bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'media-encryptor' });
  await ensureStreams(bus);
  const store = openObjectStore(bus, BUCKETS.captures);
  const stop = new AbortController();
  const { promise: handedOver, resolve } = Promise.withResolvers<string>();
  const running = consumeEvents(bus, {
    stream: STREAMS.captures,
    durable: 'media-encryptor',
    filter: SUBJECTS.allCaptures,
    kind: EVENT_KINDS.recordingCaptured,
    concurrency: 1,
    maxDeliver: 1,
    backoffMs: [],
    ackWaitMs: 5_000,
    handle: async (event) => {
      const sha256 = createHash('sha256');
      const { content } = await store.get(event.data.object?.name ?? '');
      for await (const part of content) sha256.update(part);
      resolve(`${event.source} ${event.data.recordingId} ${sha256.digest('hex')}`);
    },
    signal: stop.signal,
  });

  const content = randomBytes(480_000);
  const media = new Blob([content]).stream();
  const connection = await connect({ servers: nats.url });
  const recordingId = 'call-20250131-0815';
  const name = `demo/${recordingId}/main`;
  const captures = await new Objm(connection).open('captures');
  await captures.put({ name }, media);

  const attributes = headers();
  attributes.set('ce-specversion', '1.0');
  attributes.set('ce-id', `captured:${recordingId}`);
  attributes.set('ce-type', 'sealtrack.recording.captured.v1');
  attributes.set('ce-source', 'my-pipeline');
  const event = {
    tenantId: 'demo',
    profileId: '101',
    recordingId,
    startedAt: '2025-01-31T08:15:30Z',
    object: { bucket: 'captures', name },
  };
  await jetstream(connection).publish('captures.demo.101', JSON.stringify(event), {
    headers: attributes,
    msgID: `captured:${recordingId}`,
  });
  await connection.close();

  const sha256 = createHash('sha256').update(content).digest('hex');
  expect(await handedOver).toBe(`my-pipeline ${recordingId} ${sha256}`);
  stop.abort();
  await running;
});
