/** The console in a browser, for those who look after recordings: playing, live events, the audit trail, and what fails. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateCallWav } from '@sealtrack/launcher/generate-call';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM } from './testing/browser.ts';
import {
  button,
  card,
  choosePassword,
  consoleBrowserForThisFile,
  gone,
  goTo,
  heading,
  link,
  row,
  seen,
  setupLink,
  textOf,
} from './testing/console.ts';
import { faultsOfPage } from './testing/console-pages.ts';
import { header, put } from './testing/media.ts';
import { run } from './testing/programs.ts';
import { createProfile, type Imported, importNew } from './testing/tenant.ts';
import { systemForThisFile } from './testing/test-system.ts';
import { until } from './testing/until.ts';

const SECONDS = 20;
const DAY_MS = 24 * 3_600_000;
const MONDAY = '2026-03-02';

describe.skipIf(CHROMIUM === undefined)('the console in Chromium, for those who listen', async () => {
  if (CHROMIUM === undefined) return;
  const { system, doors, dir } = await systemForThisFile({}, { withConsole: true });
  const browser = consoleBrowserForThisFile(() => system.consoleUrl ?? '');
  const media = generateCallWav(SECONDS);
  let recordings: Imported;
  let page: Page;

  const putCall = (recordingId: string, profileId: string, time: string, agent: string) =>
    put(
      doors,
      header({ recordingId, profileId, startedAt: new Date(`${MONDAY}T${time}Z`), attributes: { agent } }),
      media,
    );

  beforeAll(async () => {
    const named = (alias: string, days: number) => {
      const notAfter = new Date(Date.now() + days * DAY_MS + DAY_MS / 2);
      return importNew(doors, 'demo', { commonName: `${alias}.acme.example`, alias, notAfter });
    };
    recordings = await named('voice-2026', 320);
    const support = await named('support', 21);
    await named('voice-2025', 5);
    await createProfile(doors, 'demo', '101', [recordings]);
    await createProfile(doors, 'demo', '102', [recordings, support], 'cms', 'Support');
    await doors.profiles.createProfile({ tenantId: 'demo', profileId: '103', name: 'Not set up yet' });
    await putCall('call-0a7c2f', '101', '07:31:02', 'Jon Abara');
    await putCall('call-0a7c30', '102', '07:58:49', 'Mei Tan');
    await writeFile(join(dir, 'KEY.pem'), recordings.privateKeyPem, { mode: 0o600 });
    await writeFile(join(dir, 'recordings.pem'), recordings.certificatePem);
    page = await browser.open();
    await choosePassword(page, await setupLink(system), 'alice');
    await seen(heading(page, 'Recordings'));
  });

  test('a recording that is put through gRPC is told of and shown without loading the page again', async () => {
    await seen(row(page, 'call-0a7c30'));
    await putCall('call-0a7c31', '101', '08:15:30', 'Alma Reyes');
    await button(page, '1 new recording: show').click();
    await link(row(page, 'Alma Reyes'), 'call-0a7c31').click();
    await seen(heading(page, 'call-0a7c31'));
  });

  /** Of the audio and the canvas of the page. Asked for again and again from here: the policy of the page lets nothing of a test wait in it. */
  const playerIs = (what: string, expression: string) =>
    until(what, () =>
      page.evaluate<boolean>(
        `{ const [player, canvas] = ['audio', 'canvas'].map((name) => document.querySelector(name)); ${expression} }`,
      ),
    );
  const plays = (from: number) =>
    playerIs(`it plays after ${from} s`, `!player.paused && player.currentTime > ${from}`);
  const isDrawn = () =>
    playerIs(
      'the waveform is drawn',
      "canvas?.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte !== 0)",
    );

  test('its page tells what happened to it, draws its waveform, plays and goes where one clicks', async () => {
    const timeline = card(page, 'Timeline');
    for (const what of ['Encrypted', 'Stored']) await seen(timeline.getByText(what, { exact: true }));
    await seen(link(timeline, /voice-2026/));
    await seen(timeline.getByText(/^Trace/));
    const slider = page.getByRole('slider');
    await seen(slider);
    await isDrawn();
    await slider.press('Space');
    await plays(0.3);
    const { x, y, width, height } = (await slider.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    await page.mouse.click(x + 0.75 * width, y + height / 2);
    await plays(0.75 * SECONDS + 0.3);
    expect(Number(await slider.getAttribute('aria-valuenow'))).toBeLessThan(SECONDS + 1);
    await slider.press('Home');
    await playerIs('it plays from the beginning', `!player.paused && player.currentTime < ${0.5 * SECONDS}`);
    await slider.press('Space');
    await playerIs('it is paused', 'player.paused && player.error === null');
    await seen(row(page, 'played').filter({ hasText: 'alice' }));
    await seen(timeline.getByText(/^Played/));
  });

  test('its envelope says whom it is sealed to, and OpenSSL opens the download as the page says', async () => {
    await heading(page, 'Envelope').click();
    await seen(row(page, 'RSA 2048'));
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      link(card(page, 'Take it with you'), /^Download/).click(),
    ]);
    await download.saveAs(join(dir, download.suggestedFilename()));
    const command = await textOf(card(page, 'Take it with you').locator('pre').first());
    expect(await run('sh', ['-c', command], { cwd: dir })).toMatchObject({ code: 0 });
    const [, opened = ''] = /-out (\S+)$/.exec(command) ?? [];
    expect((await readFile(join(dir, opened))).equals(media)).toBe(true);
  });

  test('a certificate that recordings need is not deleted, and what would not play is said before and after', async () => {
    await link(card(page, 'Timeline'), /voice-2026/).click();
    await button(page, 'Delete…').click();
    const dialog = page.getByRole('dialog');
    await seen(dialog.getByText(/^\d recordings? would become unplayable/));
    await button(dialog, 'Delete').click();
    await seen(dialog.getByRole('alert').filter({ hasText: 'CERTIFICATE_IN_USE' }));
    await button(dialog, 'Keep it').click();
    await gone(dialog);
    await seen(button(page, 'Delete…'));
  });

  const list = () => page.getByRole('list', { name: 'Events, newest first' });
  const event = (kind: string, recordingId: string) =>
    button(list(), new RegExp(`${kind}.*${recordingId}`)).first();

  test('events are seen as they happen, with all that they say; a pause holds them back', async () => {
    await goTo(page, 'Live');
    await seen(page.getByText('live', { exact: true }));
    await page.getByLabel('Kind').fill('recording.*');
    await button(page, 'Filter').click();
    await page.waitForURL(/kind=recording/);
    await seen(page.getByText('live', { exact: true }));
    await putCall('call-0a7c32', '102', '08:41:07', 'Jon Abara');
    await event('recording.encrypted', 'call-0a7c32').click();
    const dialog = page.getByRole('dialog', { name: 'recording.encrypted' });
    await seen(
      dialog
        .getByText('"recordingId": "call-0a7c32"')
        .or(dialog.getByLabel('Payload').getByText(/call-0a7c32/)),
    );
    await button(dialog, 'Close').click();
    await button(page, 'Pause').click();
    await putCall('call-0a7c33', '103', '09:02:44', 'Mei Tan');
    await seen(page.getByText(/^paused; [1-9]\d* came meanwhile/));
    expect(await event('recording', 'call-0a7c33').count()).toBe(0);
    await button(page, 'Resume').click();
    await seen(event('recording.quarantined', 'call-0a7c33'));
  });

  test('it is on record who played, and the records are whole', async () => {
    await goTo(page, 'Audit');
    await page.getByLabel('Recording', { exact: true }).fill('call-0a7c31');
    await page.getByLabel('What').fill('media-decrypt');
    await button(page, 'Search').click();
    await page.waitForURL(/media-decrypt/);
    const records = page.getByRole('list', { name: 'Audit records' }).getByRole('listitem');
    await seen(records.filter({ hasText: /alice.*played.*call-0a7c31/ }));
    await button(page, 'Verify all records').click();
    await seen(page.getByText('Nothing is wrong with the records'));
  });

  test('every page is for everybody, light and dark, wide and narrow', async () => {
    const faults: string[] = [];
    const look = async (name: string, shows: Locator) => {
      await seen(shows);
      faults.push(...(await faultsOfPage(page, name)));
    };
    await goTo(page, 'Recordings');
    await button(page, 'Reload').click();
    await look('recordings', row(page, 'call-0a7c33'));
    await link(page, 'Failed captures').click();
    await look('failed', page.getByText(/^No capture/));
    await goTo(page, 'Recordings');
    await link(page, 'call-0a7c31').click();
    await page.getByRole('slider').click();
    await isDrawn();
    await look('recording', row(page, 'played'));
    await goTo(page, 'Recording Certificates');
    await look('certificates', row(page, 'support'));
    await button(page, 'Upload').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Certificate', { exact: true }).setInputFiles(join(dir, 'recordings.pem'));
    await dialog.getByLabel('Private key', { exact: true }).setInputFiles(join(dir, 'KEY.pem'));
    await look('upload', dialog.getByText('the chosen certificate'));
    await button(dialog, 'Cancel').click();
    await link(page, 'voice-2026').click();
    await look('certificate', heading(page, 'Used by'));
    await goTo(page, 'IVR profiles');
    await look('profiles', row(page, 'Not set up yet'));
    await link(page, '102').click();
    await look('profile', card(page, 'Rollout').getByText('applied'));
    await goTo(page, 'Screen Recording Certificates');
    await look('screen', page.getByText(/^There are none yet/));
    await goTo(page, 'Audit');
    await look('audit', page.getByText('These are all.'));
    await goTo(page, 'Live');
    await seen(page.getByText('live', { exact: true }));
    await putCall('call-0a7c34', '101', '09:30:12', 'Alma Reyes');
    await look('live', event('recording.stored', 'call-0a7c34'));
    await goTo(page, 'Accounts');
    await look('accounts', row(page, 'alice'));
    expect(faults).toEqual([]);
  });

  test('a service that is down is named, with since when and what that means, and forgotten when it is back', async () => {
    const cryptoServer = system.services['crypto-server'];
    await cryptoServer.kill();
    await page.goto('/t/demo/certificates');
    const banner = page.getByRole('status').filter({ hasText: 'crypto-server is down since' });
    await seen(banner);
    expect(await textOf(banner)).toMatch(/down since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d .*Nothing can be played/);
    await seen(page.getByRole('alert').filter({ hasText: 'crypto-server' }));
    await cryptoServer.restart();
    await gone(banner);
    await seen(row(page, 'support'));
  });
});
