/** Recordings handed over on NATS: the media in the Object Store, an event that points to it. */
import { randomBytes } from 'node:crypto';
import { connectBus } from '@sealtrack/bus/connect';
import { listDeadLetters } from '@sealtrack/bus/dead-letters';
import { describeBus } from '@sealtrack/bus/describe-bus';
import { openObjectStore } from '@sealtrack/bus/object-store';
import { publishEvent } from '@sealtrack/bus/publish';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import type { RecordingHeader } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { BUCKETS, SUBJECTS } from '@sealtrack/contracts/subjects';
import { hasCode } from '@sealtrack/errors/app-error';
import { afterAll, describe, expect, test } from 'vitest';
import { watchEvents } from './testing/events.ts';
import { capture, get, header, inChunks, put, SEGMENT, stored } from './testing/media.ts';
import { sealtrack } from './testing/programs.ts';
import { assign, createBareTenant, createTenant, importNew } from './testing/tenant.ts';
import { systemForThisFile } from './testing/test-system.ts';
import { until } from './testing/until.ts';

const { system, doors } = await systemForThisFile();
await createTenant(doors);
const transport = await system.connections.transportOf('media-encryptor');
const encryptorsBus = await connectBus({ transport, url: system.natsUrl, name: 'test' });
afterAll(() => encryptorsBus[Symbol.asyncDispose]());
const objects = openObjectStore(doors.captures, BUCKETS.captures);
// A pipeline cannot read what it put.
const readable = openObjectStore(encryptorsBus, BUCKETS.captures);

const streamOf = async (name: string) =>
  (await describeBus(doors.bus)).streams.find((stream) => stream.name === name)?.found;

/** Every capture that was published is stored, or is a dead letter. */
const settled = () => until('no capture waits', async () => (await streamOf('CAPTURES'))?.messages === 0);

const isGone = async (name: string) =>
  hasCode(await readable.get(name).catch((error: unknown) => error), 'MEDIA_UNREADABLE');

/** The event alone, as a pipeline with a client of its own would publish it. */
const publish = (head: RecordingHeader, name: string, id: string = randomBytes(8).toString('hex')) =>
  publishEvent(doors.captures, {
    subject: SUBJECTS.capture(head.tenantId, head.profileId),
    kind: EVENT_KINDS.recordingCaptured,
    id,
    source: 'test-pipeline',
    data: { ...head, object: { bucket: BUCKETS.captures, name } },
  });

test.each([1, SEGMENT, 3_000_000])('%i bytes are stored, and the object is gone afterwards', async (size) => {
  const head = header();
  const media = randomBytes(size);
  const name = `demo/${head.recordingId}`;
  await objects.put(name, inChunks(media));
  await publish(head, name);
  expect(await stored(doors, head)).toMatchObject({
    profileId: '101',
    attributes: head.attributes,
    media: [{ contentType: 'audio/wav', plaintextSize: BigInt(size) }],
  });
  expect((await get(doors, head)).bytes.equals(media)).toBe(true);
  await settled();
  expect(await isGone(name)).toBe(true);
});

test('the same capture, published twice under different ids, is one recording', async () => {
  await using events = await watchEvents(doors);
  const head = header();
  const media = randomBytes(500_000);
  const name = `demo/${head.recordingId}`;
  await objects.put(name, inChunks(media));
  await Promise.all([publish(head, name, 'first'), publish(head, name, 'second')]);
  await stored(doors, head);
  await settled();
  expect(await isGone(name)).toBe(true);
  const { recordings } = await doors.recordings.listRecordings({ tenantId: 'demo', pageSize: 1_000 });
  expect(recordings.filter(({ recordingId }) => recordingId === head.recordingId)).toHaveLength(1);
  expect((await get(doors, head)).bytes.equals(media)).toBe(true);
  expect(events.all(EVENT_KINDS.captureDeadLettered)).toEqual([]);
  // By the other door it is the same recording, too.
  expect(await put(doors, head, media)).toMatchObject({ duplicate: true });
});

test('nothing of the media is left in the Object Store', async () => {
  await settled();
  // What remains are the notes that say what was deleted.
  expect((await streamOf('OBJ_captures'))?.bytes).toBeLessThan(10_000);
});

describe('a capture that cannot succeed', () => {
  const profileId = '909';
  const media = randomBytes(70_000);
  const head = header({ profileId });

  test('of an unknown profile waits as a dead letter, with reason and next step', async () => {
    await using events = await watchEvents(doors);
    await capture(doors, head, media);
    const said = await events.first(
      EVENT_KINDS.captureDeadLettered,
      ({ recordingId }) => recordingId === head.recordingId,
    );
    expect(said).toMatchObject({ tenantId: 'demo', profileId, reason: 'PROFILE_NOT_FOUND' });
    expect(said.message).toContain(profileId);
    expect(said.nextStep).toContain('sealtrack profiles create');
    const letters = await Array.fromAsync(listDeadLetters(doors.bus, { filter: 'captures.demo.>' }));
    expect(letters).toMatchObject([
      {
        sequence: Number(said.deadLetter),
        subject: `captures.demo.${profileId}`,
        reason: said.reason,
        message: said.message,
        nextStep: said.nextStep,
        attempts: 5,
      },
    ]);
    const shown = await sealtrack(system, 'captures', 'dead-letters');
    expect(shown.said).toContain(head.recordingId);
    expect(shown.said).toContain(`PROFILE_NOT_FOUND: ${said.message}`);
    expect(shown.said).toContain(`sealtrack captures retry ${said.deadLetter}`);
  });

  test('is stored once what was in its way is put right and it is retried', async () => {
    await doors.profiles.createProfile({ tenantId: 'demo', profileId, name: 'Late' });
    await assign(doors, 'demo', profileId, [await importNew(doors, 'demo')]);
    const retried = await sealtrack(system, 'captures', 'retry', '--all');
    expect(retried.code, retried.said).toBe(0);
    await stored(doors, head);
    expect((await get(doors, head)).bytes.equals(media)).toBe(true);
    expect(await Array.fromAsync(listDeadLetters(doors.bus))).toEqual([]);
    expect((await sealtrack(system, 'captures', 'dead-letters')).said).toContain('No captures wait');
  });

  const givenUp = async (subject: string, recordingId: string) => {
    const letter = await until(`${recordingId} was given up`, async () => {
      for await (const each of listDeadLetters(doors.bus, { filter: subject }))
        if (Buffer.from(each.body).toString().includes(recordingId)) return each;
      return undefined;
    });
    expect(letter.message).not.toBe('');
    expect(letter.nextStep).not.toBe('');
    return letter.reason;
  };

  test('because its profile has no certificate, and its tenant no holding key', async () => {
    await createBareTenant({ doors, system }, 'bare', '910');
    const bare = header({ tenantId: 'bare', profileId: '910' });
    await capture(doors, bare, media);
    expect(await givenUp('captures.bare.910', bare.recordingId)).toBe('NO_USABLE_CERTIFICATE');
  });

  test('because its media is empty', async () => {
    const empty = header();
    await capture(doors, empty, Buffer.alloc(0));
    expect(await givenUp('captures.demo.101', empty.recordingId)).toBe('MEDIA_EMPTY');
  });

  test('because its media is not there', async () => {
    const absent = header();
    await publish(absent, `demo/${absent.recordingId}`);
    expect(await givenUp('captures.demo.101', absent.recordingId)).toBe('MEDIA_UNREADABLE');
  });

  test('because another recording is stored under its id, which stays as it is', async () => {
    const first = header();
    await put(doors, first, media);
    await stored(doors, first);
    await capture(doors, first, media.subarray(1));
    expect(await givenUp('captures.demo.101', first.recordingId)).toBe('RECORDING_EXISTS');
    expect((await get(doors, first)).bytes.equals(media)).toBe(true);
  });

  test('because it says another profile than its subject', async () => {
    const lying = header();
    await publishEvent(doors.captures, {
      subject: SUBJECTS.capture('demo', '202'),
      kind: EVENT_KINDS.recordingCaptured,
      id: lying.recordingId,
      source: 'test-pipeline',
      data: { ...lying, object: { bucket: BUCKETS.captures, name: `demo/${lying.recordingId}` } },
    });
    expect(await givenUp('captures.demo.202', lying.recordingId)).toBe('INVALID_ARGUMENT');
  });
});
