/** Recordings in a browser and with curl: through the gateway, with tickets, from any point. */
import { readFile } from 'node:fs/promises';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { playUrl } from '@sealtrack/launcher/start/play-url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, CHROMIUM_ARGS, playerPage } from './testing/browser.ts';
import { watchEvents } from './testing/events.ts';
import { header, put, stored } from './testing/media.ts';
import { run } from './testing/programs.ts';
import { createTenant } from './testing/tenant.ts';
import { systemForThisFile } from './testing/test-system.ts';
import { until } from './testing/until.ts';
import { BYTES_PER_SECOND, WAV_HEADER_BYTES, wav } from './testing/wav.ts';

const MINUTE = 60;
const { system, doors } = await systemForThisFile();
await createTenant(doors);
const [media, long] = [wav(MINUTE), wav(30 * MINUTE)];
const [head, longHead] = [header(), header()];
await put(doors, head, media);
await put(doors, longHead, long);
await stored(doors, head);
await stored(doors, longHead);

const { tenantId, recordingId } = head;
const url = (more: Partial<Parameters<typeof playUrl>[1]> = {}) =>
  playUrl(system, { tenantId, recordingId, ...more });
const anHourAgo = new Date(Date.now() - 3_600_000);

interface Served {
  readonly msg: string;
  readonly method: string;
  readonly status: number;
  readonly range?: string;
}

/** What the gateway says of the requests that it has answered. */
async function served(): Promise<Served[]> {
  const log = await readFile(system.services.playback.logFile, 'utf8');
  return log
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ msg }) => msg === 'http');
}

describe('curl', () => {
  const curl = async (address: string, ...args: string[]) => {
    const ca = system.connections.filesOf('administrator')?.trustedCa ?? '';
    const { stdout } = await run('curl', ['--silent', '--include', '--cacert', ca, ...args, address]);
    const end = stdout.indexOf('\r\n\r\n');
    const [status = '', ...lines] = stdout.subarray(0, end).toString().split('\r\n');
    const headers = Object.fromEntries(lines.map((line) => line.toLowerCase().split(': ', 2)));
    return { status: Number(status.split(' ')[1]), headers, body: stdout.subarray(end + 4) };
  };
  const size = media.length;

  test.each<[string, string[], number, Buffer | undefined]>([
    ['everything', [], 200, media],
    ['the first bytes', ['-r', '0-43'], 206, media.subarray(0, 44)],
    ['one byte', ['-r', '0-0'], 206, media.subarray(0, 1)],
    ['the middle', ['-r', '400000-499999'], 206, media.subarray(400_000, 500_000)],
    ['the last bytes', ['-r', '-1000'], 206, media.subarray(-1_000)],
    ['past the end', ['-r', `${size - 5}-${size + 5}`], 206, media.subarray(-5)],
    ['behind the end', ['-r', `${size}-`], 416, undefined],
    ['several ranges', ['-r', '0-1,5-6'], 200, media],
    ['of another version', ['-r', '0-9', '-H', 'If-Range: "other"'], 200, media],
    ['its head', ['--head'], 200, Buffer.alloc(0)],
  ])('gets %s', async (_, args, status, bytes) => {
    const got = await curl(await url(), ...args);
    expect(got.status).toBe(status);
    if (bytes === undefined) expect(got.headers['content-range']).toBe(`bytes */${size}`);
    else expect(got.body.equals(bytes)).toBe(true);
    expect(got.headers['cache-control']).toBe('no-store');
    if (status < 300)
      expect(got.headers).toMatchObject({ 'content-type': 'audio/wav', 'accept-ranges': 'bytes' });
  });

  test('gets nothing for nothing, and says why', async () => {
    const refused = async (address: string) => {
      const { status, body } = await curl(address);
      return [status, JSON.parse(body.toString()).code];
    };
    const good = await url();
    expect(
      await Promise.all([
        refused(good.replace(/\?.*/, '')),
        refused(`${good.slice(0, -4)}AAAA`),
        refused(await url({ now: anHourAgo })),
        refused(await url({ clientAddress: '192.0.2.1' })),
        refused(good.replace(recordingId, 'another')),
        refused(await url({ recordingId: 'another' })),
      ]),
    ).toEqual([...Array.from({ length: 5 }, () => [401, 'TICKET_INVALID']), [404, 'RECORDING_NOT_FOUND']]);
  });

  test('exports once, looks first, and everything that it played is on record', async () => {
    await using records = await watchEvents(doors, 'audit.>', 'start');
    const address = await url({ action: 'export', clientAddress: '127.0.0.1' });
    expect(await curl(address, '--head')).toMatchObject({ status: 200 });
    const first = await curl(address, '-r', '0-9');
    expect([first.status, first.body.equals(media)]).toEqual([200, true]);
    expect(first.headers['content-disposition']).toBe(`attachment; filename="${recordingId}.wav"`);
    const again = await curl(address);
    expect([again.status, JSON.parse(again.body.toString()).code]).toEqual([401, 'TICKET_INVALID']);
    const kind = EVENT_KINDS.mediaDecryptRequested;
    await records.first(kind, ({ action }) => action === 'export');
    const answers = (await served()).filter(({ method, status }) => method === 'GET' && status < 300);
    expect(records.all(kind)).toHaveLength(answers.length);
    expect(records.all(kind)[0]).toMatchObject({
      recordingId,
      purpose: 'playback',
      clientAddress: '127.0.0.1',
    });
  });
});

describe.skipIf(CHROMIUM === undefined)('Chromium', () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: CHROMIUM_ARGS });
    page = await browser.newPage({ ignoreHTTPSErrors: true });
  });
  afterAll(() => browser?.close());

  const load = (address: string) => page.setContent(playerPage(address));
  const failed = () => page.evaluate<number | undefined>('player.error?.code');
  const playFrom = (seconds: number) => page.evaluate<number>(`playFrom(${seconds})`);
  const rangesSince = async (count: number) =>
    (await served()).slice(count).flatMap(({ range = [] }) => range);
  const startOf = (range: string) => Number(/^bytes (\d+)-/.exec(range)?.[1]);

  test('plays 30 minutes from minute 25, and goes back to minute 10 and to the beginning', async () => {
    const before = (await served()).length;
    await load(await url({ recordingId: longHead.recordingId }));
    for (const minute of [25, 10, 0]) {
      const at = await playFrom(minute * MINUTE);
      expect(at).toBeGreaterThan(minute * MINUTE);
      expect(at).toBeLessThan((minute + 1) * MINUTE);
    }
    expect(await failed()).toBeUndefined();
    // Each response is spoken of when it has ended.
    await page.setContent('');
    const isAt = (minute: number) => (range: string) =>
      Math.abs(startOf(range) - WAV_HEADER_BYTES - minute * MINUTE * BYTES_PER_SECOND) <
      BYTES_PER_SECOND * MINUTE;
    await until('each was asked for by its range', async () => {
      const ranges = await rangesSince(before);
      return [0, 10, 25].every((minute) => ranges.some(isAt(minute)));
    });
  });

  test('fails with a ticket that has expired', async () => {
    await load(await url({ now: anHourAgo }));
    // MEDIA_ERR_SRC_NOT_SUPPORTED, as for everything that cannot be had.
    expect(await until('it fails', failed)).toBe(4);
  });
});
