import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectBus } from '@sealtrack/bus/connect';
import { consumeEvents } from '@sealtrack/bus/consume';
import { openObjectStore } from '@sealtrack/bus/object-store';
import { publishEvent } from '@sealtrack/bus/publish';
import { ensureStreams } from '@sealtrack/bus/streams';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import type { RecordingCaptured } from '@sealtrack/contracts/gen/sealtrack/events/v1/recordings';
import { BUCKETS, STREAMS, SUBJECTS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, describe, expect, test } from 'vitest';
import { cli } from '../testing/run-cli.ts';

const nats = await testNats();
const folder = await temporaryFolder();
const bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' });
await ensureStreams(bus);
const file = join(folder.path, 'call.wav');
writeFileSync(file, 'a short call');

const stop = new AbortController();
const captured: { event: RecordingCaptured; media: string }[] = [];
/** In the encryptor's place: announces what it can read, and gives up recordings whose id says so. */
const consuming = consumeEvents(bus, {
  stream: STREAMS.captures,
  durable: 'test',
  filter: SUBJECTS.allCaptures,
  kind: EVENT_KINDS.recordingCaptured,
  concurrency: 1,
  maxDeliver: 1,
  backoffMs: [],
  ackWaitMs: 30_000,
  signal: stop.signal,
  handle: async ({ data }) => {
    if (
      data.recordingId.startsWith('bad') &&
      !captured.some(({ event }) => event.recordingId === data.recordingId)
    ) {
      captured.push({ event: data, media: '' });
      throw new AppError('INVALID_ARGUMENT', 'It is not to be encrypted', { fix: 'Think again.' });
    }
    const { content } = await openObjectStore(bus, BUCKETS.captures).get(data.object?.name ?? '');
    captured.push({ event: data, media: Buffer.concat(await Array.fromAsync(content)).toString() });
    const { tenantId, recordingId, profileId } = data;
    await publishEvent(bus, {
      subject: SUBJECTS.event(tenantId, 'recording', 'stored'),
      kind: EVENT_KINDS.recordingStored,
      id: recordingId,
      source: 'test',
      data: { tenantId, recordingId, profileId, storedAt: new Date() },
    });
  },
  onDeadLetter: async (letter, event) => {
    const { tenantId = '', profileId = '', recordingId = '' } = event?.data ?? {};
    const { reason, message, nextStep } = letter;
    await publishEvent(bus, {
      subject: SUBJECTS.event(tenantId, 'capture', 'dead-lettered'),
      kind: EVENT_KINDS.captureDeadLettered,
      id: `dead:${recordingId}`,
      source: 'test',
      data: {
        tenantId,
        profileId,
        recordingId,
        reason,
        message,
        nextStep,
        deadLetter: BigInt(letter.sequence),
      },
    });
  },
  log: { info: () => {}, warn: () => {}, error: () => {} },
});

afterAll(async () => {
  stop.abort();
  await consuming;
  await bus[Symbol.asyncDispose]();
  await folder.remove();
});

// Only the bus is there: a pipeline may not be able to reach metadata-processor.
const env = { SEALTRACK_NATS_URL: nats.url, SEALTRACK_RECORDINGS_ADDRESS: undefined };
const run = (...args: string[]) => cli(args, { env, cwd: folder.path });
const put = (id: string, ...args: string[]) =>
  run('recordings', 'put', file, '--profile', '101', '--via', 'nats', '--id', id, ...args);

describe('recordings put --via nats', () => {
  test('puts the media into the Object Store, then the capture, and waits until it is stored', async () => {
    const { code, stderr, json } = await put('good-1', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(json()).toEqual([
      expect.objectContaining({ recordingId: 'good-1', via: 'nats', stored: true, size: 12 }),
    ]);
    const found = captured.find(({ event }) => event.recordingId === 'good-1');
    expect(found?.media).toBe('a short call');
    expect(found?.event).toMatchObject({
      ...{ tenantId: 'demo', profileId: '101', mediaId: 'main', contentType: 'audio/wav' },
      object: { bucket: 'captures' },
    });
  });

  test('fails with the reason when the capture is given up, and captures retry replays it', async () => {
    const { code, stderr } = await put('bad-1');
    expect(code).toBe(2);
    expect(stderr).toContain('The capture was given up: It is not to be encrypted');
    const number = /captures retry (\d+)/.exec(stderr)?.[1] ?? '';

    const listed = await run('captures', 'dead-letters');
    expect(listed.text).toContain('INVALID_ARGUMENT: It is not to be encrypted');
    expect(listed.text).toContain('next: Think again.');
    expect((await run('captures', 'dead-letters', '--json')).json()).toEqual([
      expect.objectContaining({ sequence: Number(number), recordingId: 'bad-1', reason: 'INVALID_ARGUMENT' }),
    ]);
    expect((await run('captures', 'dead-letters', '--tenant', 'other')).text).toContain('No captures wait.');

    const retried = await run('captures', 'retry', number, '--json');
    expect(retried.json()).toEqual([
      expect.objectContaining({ deadLetter: Number(number), subject: 'captures.demo.101' }),
    ]);
    expect((await run('captures', 'retry', '--all')).text).toBe('No captures wait.\n');
    expect((await run('captures', 'retry', number)).code).toBe(1);
  });
});

describe('events tail', () => {
  test('prints what is kept, as lines for people and objects for programs', async () => {
    await put('good-2');
    const { text } = await run('events', 'tail', '--from-start', '--limit', '1');
    expect(text).toMatch(/^2\S+Z {2}events\.demo\.\S+ {2}\{.*\}\n$/);
    const [event] = (await run('events', 'tail', '--from-start', '--limit', '1', '--json')).json();
    expect(event).toMatchObject({
      subject: expect.stringMatching(/^events\.demo\./),
      sequence: expect.any(Number),
      headers: { 'ce-specversion': '1.0' },
      data: { tenantId: 'demo' },
    });
  });

  test('ends well when asked to stop', async () => {
    const { code } = await cli(['events', 'tail'], { env, signal: AbortSignal.timeout(300) });
    expect(code).toBe(0);
  });

  test('says which subjects can be followed', async () => {
    const { code, stderr } = await run('events', 'tail', '--subject', 'captures.>');
    expect(code).toBe(2);
    expect(stderr).toContain('events.>');
  });
});

describe('doctor', () => {
  test('names what is wrong with its fix, and what is well', async () => {
    const { code, json, stderr } = await run('doctor', '--json', '--debug');
    expect(code).toBe(1);
    expect(stderr).toBe('');
    const findings = json() as { what: string; state: string; fix?: string }[];
    const stateOf = (what: string) => findings.find((each) => each.what === what)?.state;
    expect(stateOf('runtime')).toBe('ok');
    expect(stateOf('NATS')).toBe('ok');
    expect(stateOf('streams')).toBe('ok');
    expect(stateOf('clock')).toBe('ok');
    expect(stateOf('media-encryptor')).toBe('problem');
    for (const { state, fix } of findings) if (state === 'problem') expect(fix).toMatch(/\w/);
    const { text } = await run('doctor');
    expect(text).toContain('WRONG  crypto-server: nothing answers at 127.0.0.1:1\n       fix: Start it');
  });
});

test('bus prepare makes what is missing', async () => {
  await bus.link.manager.streams.delete('KV_notices');
  const { code, json } = await run('bus', 'prepare', '--json');
  expect(code).toBe(0);
  expect(json()).toMatchObject([{ streams: expect.arrayContaining(['KV_notices']) }]);
  expect((await bus.link.manager.streams.info('KV_notices')).config.name).toBe('KV_notices');
});
