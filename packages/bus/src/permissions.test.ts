import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Objm } from '@nats-io/obj';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { CertificateDeletionRecorded } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import { CertificateImported } from '@sealtrack/contracts/gen/sealtrack/events/v1/configuration';
import { RecordingEncrypted, RecordingStored } from '@sealtrack/contracts/gen/sealtrack/events/v1/recordings';
import { BUCKETS, STREAMS, SUBJECTS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bus } from './bus.ts';
import { isForbidden } from './bus-errors.ts';
import { consumeEvents } from './consume.ts';
import { listDeadLetters, readDeadLetter, retryDeadLetter } from './dead-letters.ts';
import { describeBus } from './describe-bus.ts';
import { keptDeadLetters } from './kept-dead-letters.ts';
import { openKv } from './kv.ts';
import { newestMessage } from './newest-message.ts';
import { openObjectStore } from './object-store.ts';
import { publishEvent } from './publish.ts';
import { readLog } from './read-log.ts';
import { request } from './request.ts';
import { createResponder } from './respond.ts';
import { STREAM_PLANS } from './stream-configs.ts';
import { ensureStreams } from './streams.ts';
import { tailEvents } from './tail.ts';
import { publishCapture } from './testing/events.ts';
import { secureBus, USERS, type User } from './testing/secure-bus.ts';
import { pause } from './wait.ts';

const { as, server, ...rest } = await secureBus();
afterAll(() => rest[Symbol.asyncDispose]());

const buses = {} as Record<User, Bus>;
const logged: object[] = [];
const log = {
  info: () => {},
  warn: (facts: object, message: string) => void logged.push({ ...facts, message }),
  error: (facts: object, message: string) => void logged.push({ ...facts, message }),
};
const stop = new AbortController();
afterAll(() => stop.abort());
const { signal } = stop;

beforeAll(async () => {
  for (const user of USERS) buses[user] = await as(user, { log });
});

const bytes = (text: string) => Buffer.from(text);
async function* once(content: Uint8Array) {
  yield content;
}

/** The first thing that something says, and no more. */
async function firstOf<T>(all: AsyncIterable<T>): Promise<T> {
  for await (const each of all) return each;
  throw new Error('nothing came');
}

describe('what each has to do, each can', () => {
  test('the four services make the streams between them, whoever comes first', async () => {
    for (const user of ['media-encryptor', 'crypto-server', 'profile-config', 'metadata-processor'] as const)
      await ensureStreams(buses[user]);
    const { streams } = await describeBus(buses.administrator);
    expect(streams.filter(({ found }) => found === undefined)).toEqual([]);
    expect(streams).toHaveLength(STREAM_PLANS.length);
    expect(logged).toContainEqual(
      expect.objectContaining({ stream: 'EVENTS', message: expect.stringContaining('is missing') }),
    );
  });

  test('a stream that is not as it must be is put right by an administrator, and said of by a service', async () => {
    const { streams } = buses.administrator.link.manager;
    await streams.update('CAPTURES', { max_msg_size: 1_000 });
    logged.length = 0;
    await ensureStreams(buses['media-encryptor']);
    expect(logged).toContainEqual(
      expect.objectContaining({ stream: 'CAPTURES', fix: 'sealtrack bus prepare' }),
    );
    expect((await streams.info('CAPTURES')).config.max_msg_size).toBe(1_000);
    await ensureStreams(buses.administrator);
    expect((await streams.info('CAPTURES')).config.max_msg_size).toBe(256 * 1024);
  });

  test.each(['administrator', 'console'] as const)(
    'a capture goes from the pipeline to an encryptor, or becomes a dead letter that an %s retries',
    async (who) => {
      const { pipeline } = buses;
      const retrying = buses[who];
      logged.length = 0;
      const encryptor = buses['media-encryptor'];
      await openObjectStore(pipeline, BUCKETS.captures).put('demo/a/main', once(bytes('sound')));
      await publishCapture(pipeline, `a-${who}`);
      const events = tailEvents(retrying, { subject: 'events.>', from: 'new', signal });
      await events.ready;
      const media = openObjectStore(encryptor, BUCKETS.captures);
      const heard = Promise.withResolvers<string>();
      let tries = 0;
      const end = new AbortController();
      const consuming = consumeEvents(encryptor, {
        stream: STREAMS.captures,
        durable: 'media-encryptor',
        filter: SUBJECTS.allCaptures,
        kind: EVENT_KINDS.recordingCaptured,
        ...{ concurrency: 1, maxDeliver: 1, backoffMs: [10], ackWaitMs: 5_000, signal: end.signal },
        handle: async () => {
          if (++tries === 1) throw new AppError('MEDIA_EMPTY', 'nothing', { fix: 'Again.' });
          heard.resolve(
            Buffer.concat(await Array.fromAsync((await media.get('demo/a/main')).content)).toString(),
          );
          await media.delete('demo/a/main');
        },
        onDeadLetter: async () => {
          await publishEvent(encryptor, {
            subject: SUBJECTS.event('demo', 'capture', 'dead-lettered'),
            kind: EVENT_KINDS.captureDeadLettered,
            ...{ id: `given-up ${who}`, source: 'test' },
            data: EVENT_KINDS.captureDeadLettered.message.fromJSON({ tenantId: 'demo' }),
          });
        },
      });
      expect((await firstOf(events)).subject).toBe('events.demo.capture.dead-lettered');
      const [letter] = await Array.fromAsync(listDeadLetters(retrying));
      await retryDeadLetter(retrying, letter?.sequence ?? 0);
      expect(await heard.promise).toBe('sound');
      end.abort();
      await consuming;
      expect(logged.filter((line) => 'subject' in line && 'operation' in line)).toEqual([]);
    },
  );

  test('what is larger than a request comes through a consumer, too', async () => {
    const content = Buffer.alloc(1_500_000, 7);
    await openObjectStore(buses.administrator, BUCKETS.captures).put('demo/b/main', once(content));
    const store = openObjectStore(buses['media-encryptor'], BUCKETS.captures);
    const read = Buffer.concat(await Array.fromAsync((await store.get('demo/b/main')).content));
    expect(read.equals(content)).toBe(true);
  });

  test('a pipeline with any client puts, publishes, and hears with a durable consumer what was stored', async () => {
    const { connection } = buses.pipeline.link;
    const bucket = await new Objm(connection).open(BUCKETS.captures);
    await bucket.putBlob({ name: 'demo/c/main' }, bytes('sound'));
    const manager = await jetstreamManager(connection, { checkAPI: false });
    await manager.consumers.add(STREAMS.events, {
      durable_name: 'pipeline-stored',
      ack_policy: 'explicit',
      filter_subject: 'events.demo.recording.stored',
    });
    await publishEvent(buses['metadata-processor'], {
      subject: SUBJECTS.event('demo', 'recording', 'stored'),
      kind: EVENT_KINDS.recordingStored,
      ...{ id: 'stored-c', source: 'test' },
      data: RecordingStored.fromPartial({ tenantId: 'demo', recordingId: 'c' }),
    });
    const consumer = await jetstream(connection).consumers.get(STREAMS.events, 'pipeline-stored');
    const message = await consumer.next();
    expect(message?.json()).toMatchObject({ recordingId: 'c' });
    expect(await message?.ackAck()).toBe(true);
  });

  test.each([
    ['metadata-processor', 'media-encryptor', 'events', 'recording.encrypted'],
    ['metadata-processor-kept-in-clear', 'media-encryptor', 'events', 'recording.kept-in-clear'],
    ['metadata-processor-rewrapped', 'media-encryptor', 'events', 'recording.rewrapped'],
    ['metadata-processor-given-up', 'media-encryptor', 'events', 'capture.dead-lettered'],
    ['metadata-processor-plays', 'crypto-server', 'audit', 'media-decrypt'],
    ['metadata-processor-exports', 'crypto-server', 'audit', 'media-export'],
  ] as const)('%s hears what %s says in %s of %s', async (durable, by, stream, happened) => {
    const heard = Promise.withResolvers<string>();
    const end = new AbortController();
    const consuming = consumeEvents(buses['metadata-processor'], {
      stream: STREAMS[stream],
      ...{ durable, kind: EVENT_KINDS.recordingEncrypted, signal: end.signal },
      filter: `${stream}.*.${happened}`,
      ...{ concurrency: 1, maxDeliver: 1, backoffMs: [10], ackWaitMs: 5_000 },
      handle: async ({ data }) => heard.resolve(data.recordingId),
    });
    await publishEvent(buses[by], {
      subject: `${stream}.heard.${happened}`,
      kind: EVENT_KINDS.recordingEncrypted,
      ...{ id: `d/${happened}`, source: 'test' },
      data: RecordingEncrypted.fromPartial({ tenantId: 'demo', recordingId: 'd' }),
    });
    expect(await heard.promise).toBe('d');
    end.abort();
    await consuming;
  });

  test('profiles are written by profile-config, and read by those who go by them', async () => {
    const kv = openKv(buses['profile-config'], BUCKETS.profiles);
    const revision = await kv.create('demo.101', bytes('one'));
    await kv.update('demo.101', bytes('two'), revision);
    expect((await kv.get('demo.101'))?.value).toEqual(new Uint8Array(bytes('two')));
    expect(await openKv(buses['crypto-server'], BUCKETS.profiles).list()).toHaveLength(1);
    expect((await openKv(buses['crypto-server'], BUCKETS.profiles).get('demo.101'))?.key).toBe('demo.101');
    const watch = openKv(buses['media-encryptor'], BUCKETS.profiles).watch({ signal });
    expect((await firstOf(watch)).entries).toHaveLength(1);
    expect((await firstOf(kv.watch({ signal }))).entries).toHaveLength(1);
    await openKv(buses['profile-config'], BUCKETS.notices).put('x', bytes('said'));
    expect((await openKv(buses['profile-config'], BUCKETS.notices).get('x'))?.key).toBe('x');
    await openKv(buses['media-encryptor'], BUCKETS.encryptors).put('one', bytes('here'));
    const tickets = openKv(buses['crypto-server'], BUCKETS.tickets);
    await tickets.create('one', bytes('used'));
    await expect(tickets.create('one', bytes('used'))).rejects.toMatchObject({ code: 'OBJECT_EXISTS' });
    const encryptors = openKv(buses['profile-config'], BUCKETS.encryptors).watch({ signal });
    expect((await firstOf(encryptors)).entries).toHaveLength(1);
  });

  test('crypto-server puts accesses on record, for auditors, and announces certificates, for administrators', async () => {
    const readers = [
      ['auditor', 'audit.demo.>'],
      ['console', 'audit.demo.>'],
      ['administrator', 'events.demo.certificate.>'],
      ['console', 'events.demo.certificate.>'],
    ] as const;
    const seen = readers.map(([user, subject]) =>
      tailEvents(buses[user], { subject, from: 'start', signal }),
    );
    await publishEvent(buses['crypto-server'], {
      subject: SUBJECTS.audit('demo', 'certificate-deletion'),
      kind: EVENT_KINDS.certificateDeletionRecorded,
      ...{ id: 'x', source: 'test' },
      data: CertificateDeletionRecorded.fromPartial({ tenantId: 'demo' }),
    });
    await publishEvent(buses['crypto-server'], {
      subject: SUBJECTS.event('demo', 'certificate', 'imported'),
      kind: EVENT_KINDS.certificateImported,
      ...{ id: 'y', source: 'test' },
      data: CertificateImported.fromPartial({ tenantId: 'demo' }),
    });
    for (const user of ['crypto-server', 'console'] as const) {
      const newest = await newestMessage(buses[user], 'AUDIT', 'audit.demo.certificate-deletion');
      expect(newest?.headers).toMatchObject({ 'ce-id': 'x' });
    }
    for (const user of ['auditor', 'console'] as const) {
      const logged = readLog(buses[user], { stream: 'AUDIT', subject: 'audit.demo.*', signal });
      expect(await Array.fromAsync(logged)).toHaveLength(1);
    }
    const [deletion, imported] = ['audit.demo.certificate-deletion', 'events.demo.certificate.imported'];
    const all = await Promise.all(seen.map(firstOf));
    expect(all.map(({ subject }) => subject)).toEqual([deletion, deletion, imported, imported]);
  });
});

test('a crypto server is asked by another, and answers once, wherever it was asked from', async () => {
  const [holder, another] = [buses['crypto-server'], await as('crypto-server')];
  await using responder = createResponder(holder, {
    ...{ queue: 'crypto-server', maxInFlight: 10, maxBytes: 100 },
    handle: async (_, body) => body,
  });
  responder.listenTo(new Set(['keys.unwrap.one']));
  await holder.link.connection.flush();
  logged.length = 0;
  const read = async (body: Uint8Array) => Buffer.from(body).toString();
  const ask = (subject: string) => request(another, subject, bytes('which?'), { timeoutMs: 5_000, read });
  expect(await ask('keys.unwrap.one')).toEqual({ kind: 'answer', value: 'which?' });
  expect(await ask('keys.unwrap.two')).toEqual({ kind: 'nobody' });
  // Where it may not listen, it says so a few times and not for each subject at each look.
  const many = Array.from({ length: 20 }, (_, i) => `others.${i}`);
  for (let look = 0; look < 5; look += 1) {
    responder.listenTo(new Set(['keys.unwrap.one', ...many]));
    await holder.link.connection.flush();
    await pause(1);
  }
  expect(logged).toHaveLength(20);
  expect(logged[0]).toMatchObject({ operation: 'subscription', subject: 'others.0' });
  expect(await ask('keys.unwrap.one')).toEqual({ kind: 'answer', value: 'which?' });
});

/** True for a request that reached its subject, whatever became of it there. */
async function canPublish(user: User, subject: string): Promise<boolean> {
  const { connection } = buses[user].link;
  const answered = connection.request(subject, '', { timeout: 10_000 }).then(
    () => true,
    (error: unknown) => !isForbidden(error),
  );
  // The server answers in order: a refusal comes before the answer to this.
  await connection.flush();
  return await Promise.race([answered, pause(0).then(() => true)]);
}

async function canSubscribe(user: User, subject: string): Promise<boolean> {
  const { connection } = buses[user].link;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const subscription = connection.subscribe(subject, { callback: (error) => resolve(error === null) });
  // The server answers in order: a refusal comes before the answer to this.
  await connection.flush();
  await Promise.race([promise, pause(0)]);
  const refused = subscription.isClosed();
  subscription.unsubscribe();
  return !refused;
}

describe('nobody can do more', () => {
  // Who may, of all users: everybody else is refused.
  test.each([
    ['metadata-processor-given-up', 'events.demo.capture.dead-lettered', 'media-encryptor'],
    ['metadata-processor-plays', 'audit.demo.media-decrypt', 'crypto-server'],
    ['metadata-processor-exports', 'audit.demo.media-export', 'crypto-server'],
  ] as const)('%s hears of %s', async (durable, subject, from) => {
    const heard = Promise.withResolvers<string>();
    const end = new AbortController();
    const consuming = consumeEvents(buses['metadata-processor'], {
      stream: subject.startsWith('audit') ? STREAMS.audit : STREAMS.events,
      ...{ durable, kind: EVENT_KINDS.recordingEncrypted, signal: end.signal },
      filter: subject.replace('demo', '*'),
      ...{ concurrency: 1, maxDeliver: 1, backoffMs: [10], ackWaitMs: 5_000 },
      handle: async ({ data }) => heard.resolve(data.recordingId),
    });
    await publishEvent(buses[from], {
      ...{ subject, kind: EVENT_KINDS.recordingEncrypted, id: `heard/${subject}`, source: 'test' },
      data: RecordingEncrypted.fromPartial({ tenantId: 'demo', recordingId: 'd' }),
    });
    expect(await heard.promise).toBe('d');
    end.abort();
    await consuming;
  });

  test('metadata-processor knows which dead letters there are, and reads none', async () => {
    const isThere = await keptDeadLetters(buses['metadata-processor']);
    expect(isThere(1_000_000)).toBe(true);
    await expect(readDeadLetter(buses['metadata-processor'], 1)).rejects.toMatchObject({
      code: 'BUS_UNAVAILABLE',
    });
  });

  test.each<[subject: string, ...who: User[]]>([
    ['captures.demo.101', 'administrator', 'console', 'pipeline'],
    ['events.demo.recording.encrypted', 'media-encryptor'],
    ['events.demo.recording.stored', 'metadata-processor'],
    ['events.demo.certificate.imported', 'crypto-server'],
    ['events.demo.certificate.revoked', 'profile-config'],
    ['events.demo.profile.changed', 'profile-config'],
    ['events.demo.anything.else'],
    ['audit.demo.decrypt', 'crypto-server'],
    ['audit._.account', 'console', 'crypto-server'],
    ['audit._.checkpoint', 'console', 'crypto-server'],
    ['audit.demo.account', 'crypto-server'],
    ['dead-letters.captures.demo.101', 'media-encryptor'],
    ['dead-letters.events.demo.recording.encrypted', 'metadata-processor'],
    ['dead-letters.audit.demo.media-decrypt', 'metadata-processor'],
    ['$KV.profiles.demo.101', 'profile-config'],
    ['$KV.notices.x', 'profile-config'],
    ['$KV.tickets.x', 'crypto-server'],
    ['keys.unwrap.x', 'crypto-server'],
    ['keys.unwrap'],
    ['$KV.encryptors.x', 'media-encryptor'],
    ['$O.captures.C.x', 'administrator', 'pipeline'],
    ['$JS.API.INFO', 'administrator', 'pipeline'],
    ['$JS.API.STREAM.CREATE.AUDIT', 'administrator', 'crypto-server'],
    ['$JS.API.STREAM.CREATE.SPY', 'administrator'],
    ['$JS.API.STREAM.UPDATE.AUDIT'],
    ['$JS.API.STREAM.UPDATE.EVENTS', 'administrator'],
    ['$JS.API.STREAM.UPDATE.KV_tickets', 'administrator'],
    ['$JS.API.STREAM.DELETE.AUDIT'],
    ['$JS.API.STREAM.PURGE.EVENTS'],
    ['$JS.API.STREAM.MSG.DELETE.CAPTURES'],
    ['$JS.API.STREAM.MSG.DELETE.AUDIT'],
    ['$JS.API.STREAM.MSG.DELETE.DEAD_LETTERS', 'administrator', 'console'],
    ['$JS.API.STREAM.MSG.GET.AUDIT', 'console', 'crypto-server'],
    ['$JS.API.STREAM.MSG.GET.DEAD_LETTERS', 'administrator', 'console', 'media-encryptor'],
    ['$JS.API.STREAM.MSG.GET.CAPTURES'],
    ['$JS.API.STREAM.MSG.GET.KV_profiles', 'crypto-server', 'profile-config'],
    ['$JS.API.STREAM.MSG.GET.OBJ_captures', 'administrator', 'media-encryptor', 'pipeline'],
    // With these, what somebody put could be sent on to any subject.
    ['$JS.API.DIRECT.GET.OBJ_captures'],
    ['$JS.API.DIRECT.GET.OBJ_captures.$O.captures.M.x'],
    ['$JS.API.DIRECT.GET.KV_profiles.$KV.profiles.x'],
    ['$JS.API.CONSUMER.CREATE.CAPTURES.spy.captures.>'],
    ['$JS.API.CONSUMER.CREATE.CAPTURES'],
    ['$JS.API.CONSUMER.DURABLE.CREATE.EVENTS.spy'],
    ['$JS.API.CONSUMER.CREATE.AUDIT.spy.audit.>', 'auditor', 'console'],
    ['$JS.API.CONSUMER.CREATE.AUDIT'],
    ['$JS.API.CONSUMER.MSG.NEXT.AUDIT.spy', 'auditor', 'console'],
    ['$JS.API.CONSUMER.CREATE.OBJ_captures.spy.$O.captures.C.>', 'media-encryptor'],
    ['$JS.API.CONSUMER.CREATE.EVENTS.metadata-processor.events.>', 'administrator', 'console'],
    ['$JS.API.CONSUMER.MSG.NEXT.CAPTURES.media-encryptor', 'media-encryptor'],
    ['$JS.API.CONSUMER.DELETE.CAPTURES.media-encryptor'],
    ['$JS.ACK.CAPTURES.media-encryptor.1.1.1.1.0', 'media-encryptor'],
    ['$JS.ACK.EVENTS.metadata-processor.1.1.1.1.0', 'metadata-processor'],
    ['$JS.API.CONSUMER.INFO.CAPTURES.media-encryptor', 'administrator', 'console', 'media-encryptor'],
    ['_INBOX_crypto-server.answer'],
    ['$SYS.REQ.SERVER.PING'],
  ])('to publish to %s', async (subject, ...who) => {
    const may = await Promise.all(
      USERS.map(async (user) => [user, await canPublish(user, subject)] as const),
    );
    expect(may.flatMap(([user, yes]) => (yes ? [user] : [])).sort()).toEqual(who.sort());
  });

  test('each hears its own answers only, the pipeline what became of its captures, and the administrator all events', async () => {
    const inboxes = USERS.map((user) => `_INBOX_${user}.x`);
    const others = ['>', 'captures.>', 'events.>', 'audit.>', '$KV.profiles.>', '$O.captures.>', '$JS.ACK.>'];
    const more: Readonly<Record<string, readonly string[]>> = {
      administrator: ['events.>', 'events.demo.recording.stored'],
      pipeline: ['_INBOX.x', 'events.demo.recording.stored'],
    };
    const subjects = [...inboxes, ...others, '_INBOX.x', 'events.demo.recording.stored', 'keys.unwrap.x'];
    for (const user of USERS) {
      const heard: string[] = [];
      for (const subject of subjects) if (await canSubscribe(user, subject)) heard.push(subject);
      expect(heard).toEqual([`_INBOX_${user}.x`, ...(more[user] ?? [])]);
    }
  });

  test('what is not permitted fails at once, and says so here and in the log', async () => {
    const before = performance.now();
    const forged = publishEvent(buses['media-encryptor'], {
      subject: SUBJECTS.event('demo', 'recording', 'stored'),
      kind: EVENT_KINDS.recordingStored,
      ...{ id: 'forged', source: 'test' },
      data: RecordingStored.fromPartial({ tenantId: 'demo' }),
    });
    await expect(forged).rejects.toMatchObject({
      code: 'BUS_UNAVAILABLE',
      message: expect.stringContaining('not permitted'),
      fix: expect.stringContaining('users.conf'),
    });
    expect(performance.now() - before).toBeLessThan(5_000);
    expect(logged).toContainEqual(
      expect.objectContaining({ operation: 'publish', subject: 'events.demo.recording.stored' }),
    );
  });
});
