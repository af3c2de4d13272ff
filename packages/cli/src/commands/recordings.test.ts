import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Access, TimelineEntry } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type CliOptions, cli } from '../testing/run-cli.ts';
import { sealedFiles } from '../testing/sealed-files.ts';
import { type StubServices, startStubServices } from '../testing/stub-services.ts';

const folder = await temporaryFolder();
let services: StubServices;
let dir: string;
let count = 0;
const started: StubServices[] = [];

beforeEach(async () => {
  services = await startStubServices();
  started.push(services);
  await cli(['profiles', 'create', '101', '--name', 'Sales'], { env: services.env });
  count += 1;
  dir = join(folder.path, String(count));
  await mkdir(dir);
});
afterAll(async () => {
  for (const each of started) await each[Symbol.asyncDispose]();
  await folder.remove();
});

const run = (args: string[], options: CliOptions = {}) =>
  cli(args, { cwd: dir, env: services.env, ...options });
const media = {
  ...{ contentType: 'audio/wav', suite: 'pkcs7', plaintextSize: 480_000n, ciphertextSize: 480_016n },
  hasWaveform: false,
};
const recording = (recordingId: string) => ({
  ...{ tenantId: 'demo', recordingId, profileId: '101', startedAt: new Date('2026-03-01T12:00:00Z') },
  ...{ storedAt: undefined, attributes: {}, manifestKey: 'k' },
  ...{ mediaType: 'voice', quarantineReason: '', rewrappedAt: undefined },
  ...{ capturedAt: undefined, encryptedAt: undefined, traceId: '' },
  media: [{ ...media, mediaId: 'main', certificateIds: [] }],
});

describe('recordings put', () => {
  const path = () => join(dir, 'call.wav');
  const put = (...args: string[]) =>
    run(['recordings', 'put', path(), '--profile', '101', '--no-wait', ...args]);

  test('streams the file with a header made from its name and time', async () => {
    const content = randomBytes(600_000);
    writeFileSync(path(), content);
    utimesSync(path(), new Date(), new Date('2026-03-01T12:00:00Z'));
    const { code, text } = await put('--id', 'call-1', '--attribute', 'agent=7', '--attribute', 'queue=a=b');
    expect(code).toBe(0);
    expect(text).toMatch(/^Stored recording call-1 \(600 kB in .* MB\/s\)\n$/);
    expect(services.put[0]?.content.equals(content)).toBe(true);
    expect(services.put[0]?.header).toEqual({
      ...{
        tenantId: 'demo',
        profileId: '101',
        recordingId: 'call-1',
        mediaId: 'main',
        contentType: 'audio/wav',
        mediaType: '',
      },
      startedAt: new Date('2026-03-01T12:00:00Z'),
      attributes: { agent: '7', queue: 'a=b' },
    });
  });

  test('says when it was stored before', async () => {
    writeFileSync(path(), 'x');
    await put('--id', 'twice');
    const { code, text, json } = await put('--id', 'twice', '--json');
    expect(code).toBe(0);
    expect(text.endsWith('\n')).toBe(true);
    expect(json()).toEqual([
      expect.objectContaining({ recordingId: 'twice', duplicate: true, size: 1, stored: true }),
    ]);
  });

  test('says whose certificates it is for, and warns when it is held or in clear', async () => {
    writeFileSync(path(), 'x');
    expect((await put('--media-type', 'chat')).stderr).toBe('');
    expect(services.put[0]?.header.mediaType).toBe('chat');
    services.receipt = { quarantineReason: 'expired' };
    const held = await put('--json');
    expect(held.stderr).toMatch(/quarantine.*\(expired\).*sealtrack profiles assign 101/);
    expect(held.json()).toEqual([expect.objectContaining({ quarantineReason: 'expired' })]);
    services.receipt = { clearPolicy: 'off' };
    expect((await put()).stderr).toBe('warning: it is stored in clear: the policy of its profile is "off"\n');
  });

  test('takes standard input', async () => {
    const args = [
      'recordings',
      'put',
      '-',
      '--profile',
      '101',
      '--no-wait',
      '--started-at',
      '2026-03-01T12:00:00Z',
    ];
    const { code } = await run(args, { stdin: [Buffer.from('from '), Buffer.from('a pipe')] });
    expect(code).toBe(0);
    expect(services.put[0]?.content.toString()).toBe('from a pipe');
    expect(services.put[0]?.header).toMatchObject({
      contentType: 'application/octet-stream',
      recordingId: expect.stringMatching(/^[\w-]{36}$/),
    });
  });

  test("the service's refusal is exit code 1, with its fix", async () => {
    writeFileSync(path(), 'x');
    const { code, stderr } = await run(['recordings', 'put', path(), '--profile', '404', '--no-wait']);
    expect(code).toBe(1);
    expect(stderr).toBe('error: There is no IVR profile 404\nfix: Create it.\n');
  });
});

describe('recordings list', () => {
  test('follows pages until the limit', async () => {
    for (let i = 0; i < 1_203; i += 1) services.recordings.push(recording(`r-${i}`));
    const ids = async (...args: string[]) =>
      (await run(['recordings', 'list', '--json', ...args]))
        .json()
        .map((each) => (each as { recordingId: string }).recordingId);
    expect(await ids()).toHaveLength(100);
    expect(await ids('--limit', '5000')).toEqual(Array.from({ length: 1_203 }, (_, i) => `r-${i}`));
    expect(await ids('--limit', '501')).toHaveLength(501);
  });

  test('is a table for people, and numbers for programs', async () => {
    services.recordings.push(recording('call-1'));
    expect((await run(['recordings', 'list'])).text).toMatch(
      /^RECORDING .*\ncall-1 +101 +2026-03-01T12:00:00Z +main +audio\/wav +480 kB +pkcs7\n$/,
    );
    expect((await run(['recordings', 'list', '--json'])).json()).toEqual([
      expect.objectContaining({
        recordingId: 'call-1',
        media: [expect.objectContaining({ plaintextSize: 480_000 })],
      }),
    ]);
  });

  test('shows what is held and what is in clear', async () => {
    services.recordings.push(
      { ...recording('held'), quarantineReason: 'expired' },
      { ...recording('open'), media: [{ ...media, mediaId: 'main', suite: 'clear', certificateIds: [] }] },
    );
    const { text } = await run(['recordings', 'list']);
    expect(text).toMatch(/^held .* quarantined: expired$/m);
    expect(text).toMatch(/^open .* in clear$/m);
  });

  test('of what is held are those alone, page after page', async () => {
    const rewrappedAt = new Date('2026-03-02T12:00:00Z');
    services.recordings.push({ ...recording('released'), rewrappedAt });
    for (let i = 0; i < 1_203; i += 1) {
      services.recordings.push(recording(`plain-${i}`));
      services.recordings.push({ ...recording(`held-${i}`), quarantineReason: 'none-assigned' });
    }
    const held = async (...args: string[]) =>
      (await run(['recordings', 'list', '--quarantined', '--json', ...args])).json() as object[];
    expect(await held('--limit', '5000')).toHaveLength(1_203);
    expect(await held('--limit', '2')).toEqual([
      expect.objectContaining({
        ...{ recordingId: 'held-0', quarantineReason: 'none-assigned', mediaType: 'voice' },
      }),
      expect.objectContaining({ recordingId: 'held-1' }),
    ]);
    const [released] = (await run(['recordings', 'list', '--json', '--limit', '1'])).json();
    expect(released).toMatchObject({ quarantineReason: '', rewrappedAt: rewrappedAt.toISOString() });
  });

  test('of what is held has nothing else when the service of an earlier version lists everything', async () => {
    services.recordingState.knowsQuarantine = false;
    for (let i = 0; i < 600; i += 1) services.recordings.push(recording(`plain-${i}`));
    services.recordings.push({ ...recording('held'), quarantineReason: 'expired' });
    const { text } = await run(['recordings', 'list', '--quarantined']);
    expect(text).toMatch(/^RECORDING .*\nheld .*\n$/);
  });

  test('says what to do when there is none', async () => {
    expect((await run(['recordings', 'list', '--quarantined'])).text).toContain(
      'No recording is in quarantine',
    );
    expect((await run(['recordings', 'list'])).text).toContain('sealtrack recordings put');
    expect((await run(['recordings', 'list', '--json'])).text).toBe('');
  });
});

describe('recordings list, of what is looked for', () => {
  const CERTIFICATE = 'a'.repeat(64);

  test('asks for all that was said, page after page', async () => {
    services.recordings.push(...Array.from({ length: 700 }, (_, i) => recording(`r-${i}`)));
    const { code } = await run([
      ...[
        'recordings',
        'list',
        '--limit',
        '600',
        '--from',
        '2026-03-01',
        '--until',
        '2026-03-02T12:00:00+01:00',
      ],
      ...['--profile', '101', '--agent', 'Anna', '--certificate', CERTIFICATE, '--query', 'gold  call'],
    ]);
    expect(code).toBe(0);
    const filter = {
      ...{ from: new Date('2026-03-01T00:00:00Z'), until: new Date('2026-03-02T11:00:00Z') },
      ...{ profileId: '101', agent: 'Anna', certificateId: CERTIFICATE, query: 'gold  call' },
    };
    expect(services.recordingState.asked).toMatchObject([
      { filter, pageSize: 500, pageToken: '', quarantined: false },
      { filter, pageSize: 100, pageToken: '500' },
    ]);
  });

  test('says that nothing is like it', async () => {
    expect((await run(['recordings', 'list', '--agent', 'nobody'])).text).toBe(
      'No recording is like that.\n',
    );
    expect((await run(['recordings', 'list', '--failed', '--query', 'x'])).text).toContain('is like that');
    expect((await run(['recordings', 'list', '--failed'])).text).toBe('No captures wait.\n');
  });

  const failed = (deadLetter: bigint, recordingId: string) => ({
    ...{ tenantId: 'demo', profileId: '101', recordingId, deadLetter, traceId: 'a'.repeat(32) },
    ...{ reason: 'PROFILE_NOT_FOUND', message: 'There is no\u001b[2J profile 101', nextStep: 'Create it.' },
    failedAt: new Date('2026-03-01T12:00:00Z'),
  });

  test('shows captures that failed, with the reason and what to do', async () => {
    services.recordingState.failed.push(failed(7n, 'call-1'), failed(8n, ''));
    const { text } = await run(['recordings', 'list', '--failed', '--profile', '101']);
    expect(text).toMatch(
      /^7 {2}2026-03-01T12:00:00Z {2}profile 101 {2}call-1\n {3}PROFILE_NOT_FOUND: There is no\ufffd\[2J profile 101\n {3}next: Create it. Then: sealtrack captures retry 7\n\n8 .* unreadable\n/,
    );
    expect(services.recordingState.asked).toMatchObject([{ filter: { profileId: '101' } }]);
    const { json } = await run(['recordings', 'list', '--failed', '--limit', '1', '--json']);
    expect(json()).toEqual([expect.objectContaining({ recordingId: 'call-1', deadLetter: 7 })]);
  });

  test.each([['--agent', 'anna'], ['--certificate', CERTIFICATE], ['--quarantined']])(
    'does not know %s of captures that failed',
    async (...options) => {
      const { code, stderr } = await run(['recordings', 'list', '--failed', ...options]);
      expect(code).not.toBe(0);
      expect(stderr).toContain(options[0]);
    },
  );
});

describe('recordings show', () => {
  const entry = (what: string, second: number, more: Partial<TimelineEntry> = {}) =>
    TimelineEntry.fromPartial({ what, at: new Date(Date.UTC(2026, 2, 1, 12, 0, second)), ...more });

  test('is the recording and what happened to it, and with --accesses who opened it', async () => {
    const { recordingState: state } = services;
    services.recordings.push({
      ...recording('call-1'),
      attributes: { agent: 'Zoë\u202e' },
      traceId: 'e'.repeat(32),
    });
    state.timelines.set('call-1', [
      entry('failed', 1, { reason: 'PROFILE_NOT_FOUND', message: 'There is none', nextStep: 'Create it.' }),
      entry('encrypted', 2, { certificateIds: ['c'.repeat(64)] }),
      entry('played', 9, { times: 12n }),
    ]);
    state.accesses.push(
      Access.fromPartial({
        at: new Date('2026-03-01T12:00:09Z'),
        action: 'play',
        user: 'anna',
        purpose: 'QA',
      }),
    );
    const { text } = await run(['recordings', 'show', 'call-1']);
    expect(text).toMatch(/^Recording call-1\n {2}IVR profile {2}101, voice\n/);
    expect(text).toContain(`trace        ${'e'.repeat(32)}\n  agent        Zoë\ufffd\n`);
    expect(text).toMatch(/failed +PROFILE_NOT_FOUND: There is none\n/);
    expect(text).toMatch(/encrypted +for c{16}\n/);
    expect(text).toMatch(/2026-03-01T12:00:09Z +played +12 times, the last then\n$/);
    expect(text).not.toContain('anna');

    const { text: all } = await run(['recordings', 'show', 'call-1', '--accesses']);
    expect(all).toMatch(/play .* anna .* QA\n$/);
    const { json } = await run(['recordings', 'show', 'call-1', '--accesses', '--json']);
    expect(json()).toEqual([
      expect.objectContaining({
        recording: expect.objectContaining({ recordingId: 'call-1', traceId: 'e'.repeat(32) }),
        timeline: expect.arrayContaining([expect.objectContaining({ what: 'played', times: 12 })]),
        accesses: [expect.objectContaining({ user: 'anna', purpose: 'QA' })],
      }),
    ]);
  });

  test('of a capture that became no recording it is what is in its way', async () => {
    const failure = { reason: 'MEDIA_EMPTY', message: 'Nothing', nextStep: 'Send it again.', deadLetter: 7n };
    services.recordingState.timelines.set('call-2', [entry('failed', 1, failure)]);
    const { code, text } = await run(['recordings', 'show', 'call-2']);
    expect(code).toBe(0);
    expect(text).toMatch(/^There is no recording call-2 \(yet\)\.\n/);
    expect(text).toContain('next: Send it again. Then: sealtrack captures retry 7');
    const [{ recording }] = (await run(['recordings', 'show', 'call-2', '--json'])).json() as [
      { recording: null },
    ];
    expect(recording).toBeNull();
  });

  test('of one that nobody knows it says so', async () => {
    expect(await run(['recordings', 'show', 'call-3'])).toMatchObject({
      ...{ code: 1, stderr: expect.stringContaining('There is no recording call-3') },
    });
  });
});

describe('recordings get', () => {
  beforeEach(() => {
    services.media = randomBytes(350_000);
  });

  test('writes the recording, and says what it wrote', async () => {
    const { code, json } = await run([
      'recordings',
      'get',
      'call-1',
      '--out',
      'back.wav',
      '--purpose',
      'training',
      '--json',
    ]);
    expect(code).toBe(0);
    expect(readFileSync(join(dir, 'back.wav')).equals(services.media)).toBe(true);
    expect(json()).toEqual([
      expect.objectContaining({
        ...{ recordingId: 'call-1', file: join(dir, 'back.wav'), bytes: 350_000, contentType: 'audio/wav' },
        sha256: createHash('sha256').update(services.media).digest('hex'),
      }),
    ]);
    expect(services.decrypted[0]).toMatchObject({ tenantId: 'demo', mediaId: 'main', purpose: 'training' });
  });

  test('names the file after the recording unless told', async () => {
    await run(['recordings', 'get', 'call-1']);
    await run(['recordings', 'get', 'call-1', '--range', '100-']);
    expect(readdirSync(dir).sort()).toEqual(['call-1.100+349900.wav', 'call-1.wav']);
  });

  test('writes a range to standard output', async () => {
    const { code, stdout } = await run(['recordings', 'get', 'call-1', '--range', '44-1043', '--out', '-']);
    expect(code).toBe(0);
    expect(stdout.equals(services.media.subarray(44, 1044))).toBe(true);
    expect(services.decrypted[0]?.range).toEqual({ offset: 44n, length: 1000n });
  });

  test('leaves nothing that looks like a recording when it fails half-way', async () => {
    services.failAfter = 150_000;
    const { code, stderr } = await run(['recordings', 'get', 'call-1', '--out', 'back.wav']);
    expect(code).toBe(1);
    expect(stderr).toContain('does not match its envelope');
    expect(readdirSync(dir)).toEqual([]);
    expect((await run(['recordings', 'get', 'call-1', '--out', '-'])).code).toBe(1);
  });

  test('asks for nothing when the file is there already', async () => {
    writeFileSync(join(dir, 'back.wav'), 'mine');
    const { code, stderr } = await run(['recordings', 'get', 'call-1', '--out', 'back.wav']);
    expect(code).toBe(1);
    expect(stderr).toContain('--force');
    expect(services.decrypted).toEqual([]);
    expect((await run(['recordings', 'get', 'call-1', '--out', 'back.wav', '--force'])).code).toBe(0);
  });

  test('refuses to mix the recording with JSON', async () => {
    const { code, stderr } = await run(['recordings', 'get', 'call-1', '--out', '-', '--json']);
    expect(code).toBe(2);
    expect(stderr).toContain('both the recording and JSON');
  });
});

describe('recordings splice', () => {
  test('writes the PKCS#7 file and the manifest', async () => {
    const args = ['recordings', 'splice', 'call-1', '--out', 'call.p7m', '--manifest', 'recording.json'];
    const { code, text } = await run(args);
    expect(code).toBe(0);
    expect(readFileSync(join(dir, 'call.p7m')).equals(services.media)).toBe(true);
    expect(readFileSync(join(dir, 'recording.json'), 'utf8')).toBe('{}');
    expect(text).not.toContain('openssl');
  });

  test.each(['pkcs7', 'cms'] as const)('says what opens a file of suite %s', async (suite) => {
    await using files = await sealedFiles();
    for (const owner of ['one', 'two']) await files.createOwner(owner);
    const content = randomBytes(1000);
    await files.seal('recording.json', ['one', 'two'], [{ ciphertext: 'main.enc', content, suite }]);
    await files.run('envelope', 'splice', 'recording.json', '--out', 'whole.p7m');
    services.media = files.read('whole.p7m');
    services.manifest = files.read('recording.json');
    const { text } = await cli(['recordings', 'splice', 'call-1', '--out', 'call.p7m'], {
      cwd: files.path,
      env: services.env,
    });
    const [command] = /openssl .*/.exec(text) ?? [''];
    const given = command.replace('KEY.pem', 'two.key').replace('CERT.pem', 'two.crt').split(' ').slice(1);
    files.openssl(...given);
    expect(files.read('OUT').equals(content)).toBe(true);
  });
});
