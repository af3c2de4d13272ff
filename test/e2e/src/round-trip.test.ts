/** A recording in by gRPC, and out again in every way there is. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { SUITE_NAMES, SUITES } from '@sealtrack/envelope/suites';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, describe, expect, test } from 'vitest';
import { watchEvents } from './testing/events.ts';
import { get, header, put, SEGMENT, splice, stored } from './testing/media.ts';
import { openWithOpenssl, run, sealtrack } from './testing/programs.ts';
import { createProfile, createTenant } from './testing/tenant.ts';
import { systemForThisFile } from './testing/test-system.ts';
import { failureOf } from './testing/until.ts';
import { WAV_HEADER_BYTES, wav } from './testing/wav.ts';

const { system, doors } = await systemForThisFile();
const tenant = await createTenant(doors);
const folder = await temporaryFolder();
afterAll(() => folder.remove());
const at = (name: string) => join(folder.path, name);
await writeFile(at('tenant.key'), tenant.privateKeyPem, { mode: 0o600 });
await createProfile(doors, 'demo', '102', [tenant], 'cms');
const PROFILES = { pkcs7: '101', cms: '102' } as const;

/** Where a range may begin and end so that every kind of edge is met, and what is left of it in `size` bytes. */
const rangesOf = (size: number) =>
  [
    { offset: 0, length: 1 },
    { offset: size - 1, length: 1 },
    { offset: size - 1, length: 0 },
    { offset: Math.floor(size / 2), length: 0 },
    { offset: Math.floor(size / 3), length: 100_000 },
    { offset: 15, length: 2 },
    { offset: SEGMENT - 1, length: 1 },
    { offset: SEGMENT, length: 1 },
    { offset: SEGMENT - 1, length: 2 },
    { offset: SEGMENT - 5, length: SEGMENT + 10 },
    { offset: 2 * SEGMENT - 16, length: 32 },
    // Past the end: cut short to what there is.
    { offset: 0, length: size + 1 },
    { offset: size - 1, length: 1_000_000 },
  ].filter(({ offset }) => offset < size);

const SIZES = [1, 15, 16, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3_000_000];

describe.each(SUITE_NAMES.flatMap((suite) => SIZES.map((size) => [suite, size] as const)))(
  '%s, %i bytes',
  (suite, size) => {
    const media = randomBytes(size);
    const head = header({ profileId: PROFILES[suite] });

    test('are stored, said, listed, and come back whole', async () => {
      await using events = await watchEvents(doors);
      const receipt = await put(doors, head, media);
      expect(receipt).toMatchObject({
        tenantId: head.tenantId,
        recordingId: head.recordingId,
        mediaId: 'main',
        suite,
        plaintextSize: BigInt(size),
        ciphertextSize: BigInt(SUITES[suite].cipher.ciphertextSize(size)),
        certificateIds: [tenant.certificateId],
        duplicate: false,
      });
      const isThis = ({ recordingId }: { recordingId: string }) => recordingId === head.recordingId;
      expect(await events.first(EVENT_KINDS.recordingStored, isThis)).toMatchObject({
        profileId: PROFILES[suite],
      });
      const { recordings } = await doors.recordings.listRecordings({ tenantId: 'demo', pageSize: 1_000 });
      expect(recordings.find(isThis)).toMatchObject({
        startedAt: head.startedAt,
        attributes: head.attributes,
        media: [{ contentType: 'audio/wav', plaintextSize: BigInt(size) }],
      });
      const whole = await get(doors, head);
      expect(whole.head).toMatchObject({ contentType: 'audio/wav', size: BigInt(size) });
      expect(whole.bytes.equals(media)).toBe(true);
    });

    test.each(rangesOf(size))('$length bytes from $offset are those bytes', async (range) => {
      const { offset, length } = range;
      const expected = media.subarray(offset, length === 0 ? size : offset + length);
      const { head: said, bytes } = await get(doors, head, range);
      expect(said.range).toEqual({ offset: BigInt(offset), length: BigInt(expected.length) });
      expect(bytes.equals(expected)).toBe(true);
    });

    test.each([size, size + 1, Number.MAX_SAFE_INTEGER])('a range from %i is refused', async (offset) => {
      expect(await failureOf(get(doors, head, { offset, length: 1 }))).toMatchObject({
        code: 'RANGE_NOT_SATISFIABLE',
        details: { size: String(size) },
      });
    });

    test('are an ordinary PKCS#7 or CMS file, which OpenSSL opens with the key alone', async () => {
      const { pkcs7, manifest } = await splice(doors, head);
      expect((await openWithOpenssl(pkcs7, at('tenant.key'), suite)).equals(media)).toBe(true);
      expect(JSON.parse(manifest.toString())).toMatchObject({
        recordingId: head.recordingId,
        format: 'sealtrack.recording.v1',
      });
    });
  },
);

test('the same recording sent again is stored once, and has the same receipt', async () => {
  const head = header();
  const media = randomBytes(1_000);
  const first = await put(doors, head, media);
  const second = await put(doors, head, media);
  expect(second).toEqual({ ...first, duplicate: true });
});

test('newest first, page by page, by the time the recording started', async () => {
  const started = (minute: number) => new Date(Date.UTC(2030, 0, 1, 0, minute));
  const heads = [3, 1, 2].map((minute) =>
    header({ recordingId: `page-${minute}`, startedAt: started(minute) }),
  );
  for (const head of heads) await put(doors, head, Buffer.of(1));
  await Promise.all(heads.map((head) => stored(doors, head)));
  const listed: string[] = [];
  let pageToken = '';
  do {
    const page = await doors.recordings.listRecordings({ tenantId: 'demo', pageSize: 2, pageToken });
    listed.push(...page.recordings.map(({ recordingId }) => recordingId));
    pageToken = page.nextPageToken;
  } while (pageToken !== '' && listed.length < 4);
  expect(listed.slice(0, 3)).toEqual(['page-3', 'page-2', 'page-1']);
});

describe('with the command line', () => {
  const media = randomBytes(400_000);
  const said = async (...args: string[]) => {
    const { code, stdout, said: all } = await sealtrack(system, ...args, '--json');
    expect(code, all).toBe(0);
    return JSON.parse(stdout.toString().trimEnd().split('\n').at(-1) ?? '');
  };

  test('from a key made with OpenSSL to a recording opened with OpenSSL', async () => {
    const request = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '365',
      '-subj',
      '/CN=Recordings',
    ];
    await run('openssl', [...request, '-keyout', at('cli.key'), '-out', at('cli.pem')]);
    const { certificateId } = await said(
      'certificates',
      'import',
      '--cert',
      at('cli.pem'),
      '--key',
      at('cli.key'),
    );
    await said('profiles', 'create', '202', '--name', 'Service');
    await said('profiles', 'assign', '202', certificateId.slice(0, 8));

    await writeFile(at('call.wav'), media);
    for (const via of ['grpc', 'nats']) {
      const id = `cli-${via}`;
      await said('recordings', 'put', at('call.wav'), '--profile', '202', '--via', via, '--id', id);
      await said('recordings', 'get', id, '--out', at(`${id}.wav`));
      expect((await readFile(at(`${id}.wav`))).equals(media)).toBe(true);
      await said('recordings', 'get', id, '--range', '44-1043', '--out', at(`${id}.part`));
      expect((await readFile(at(`${id}.part`))).equals(media.subarray(44, 1044))).toBe(true);
      await said('recordings', 'splice', id, '--out', at(`${id}.p7m`));
      const opened = await openWithOpenssl(await readFile(at(`${id}.p7m`)), at('cli.key'));
      expect(opened.equals(media)).toBe(true);
    }
  });

  test('of a WAV file there is a waveform, whichever way it came, and what its envelope says', async () => {
    const begun = Date.now();
    const [silence, noise] = [Buffer.alloc(16_000), randomBytes(16_000)];
    await writeFile(at('sound.wav'), Buffer.concat([wav(2).subarray(0, WAV_HEADER_BYTES), silence, noise]));
    for (const via of ['grpc', 'nats']) {
      const id = `drawn-${via}`;
      await said('recordings', 'put', at('sound.wav'), '--profile', '202', '--via', via, '--id', id);
      const { durationMs, channels } = await said('recordings', 'waveform', id);
      expect([durationMs, channels.length, channels[0].length]).toEqual([2_000, 1, 1_000]);
      expect(channels[0].slice(0, 500)).toEqual(Array(500).fill(0));
      expect(Math.min(...channels[0].slice(500))).toBeGreaterThan(100);
      const inspected = await said('recordings', 'inspect', id);
      expect(inspected).toMatchObject({ recordingId: id, media: [{ suite: 'pkcs7', hasWaveform: true }] });
      expect(Date.parse(inspected.capturedAt)).toBeGreaterThanOrEqual(begun);
      expect(Date.parse(inspected.capturedAt)).toBeLessThanOrEqual(Date.parse(inspected.encryptedAt));
      expect(await stored(doors, header({ recordingId: id }))).toMatchObject({
        capturedAt: new Date(inspected.capturedAt),
        media: [{ hasWaveform: true }],
      });
    }
    expect((await sealtrack(system, 'recordings', 'waveform', 'cli-grpc')).said).toContain('no waveform');
  });

  test('doctor finds nothing wrong', async () => {
    const { code, said: all } = await sealtrack(system, 'doctor');
    expect(code, all).toBe(0);
  });
});
