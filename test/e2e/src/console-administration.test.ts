/** The console in a browser, from its first start: accounts, certificates, profiles and sessions. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { redisForTests } from '@sealtrack/launcher/testing/redis-for-tests';
import type { Page, Request } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM } from './testing/browser.ts';
import {
  askApi,
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
  signIn,
  textOf,
} from './testing/console.ts';
import { faultsOfPage } from './testing/console-pages.ts';
import { run } from './testing/programs.ts';
import { systemForThisFile } from './testing/test-system.ts';

const KEY_PASSWORD = 'of the key';

describe.skipIf(CHROMIUM === undefined)('the console in Chromium, for those who run it', async () => {
  if (CHROMIUM === undefined) return;
  const { system, dir } = await systemForThisFile({}, { withConsole: true });
  const browser = consoleBrowserForThisFile(() => system.consoleUrl ?? '');
  const file = (name: string) => join(dir, name);
  let alice: Page;
  let bob: Page;

  beforeAll(async () => {
    const { certificatePem, privateKeyPem } = await createSelfSigned({ commonName: 'Recordings 2026' });
    await writeFile(file('recordings.pem'), certificatePem);
    await writeFile(file('recordings.key'), privateKeyPem, { mode: 0o600 });
    const options = (...args: string[]) => args.map((arg) => arg.replace(/^@/, `${dir}/`));
    const protect = ['-passout', `pass:${KEY_PASSWORD}`];
    const locked = options('pkcs8', '-topk8', '-in', '@recordings.key', '-out', '@locked.key', ...protect);
    const subject = ['-subj', '/CN=Support 2026', '-addext', 'basicConstraints=critical,CA:FALSE'];
    const own = options(
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '20', ...subject],
      ...['-keyout', '@support.key', '-out', '@support.pem'],
    );
    const both = ['-inkey', '@support.key', '-in', '@support.pem', '-out', '@support.pfx'];
    const pfx = options('pkcs12', '-export', ...both, ...protect);
    for (const args of [locked, own, pfx]) expect(await run('openssl', args)).toMatchObject({ code: 0 });
    [alice, bob] = [await browser.open(), await browser.open()];
  });

  test('the first account is made with the link that was printed, which works once', async () => {
    await alice.goto('/');
    await seen(alice.getByText('There is no account yet'));
    expect(await faultsOfPage(alice, 'sign-in')).toEqual([]);
    const printed = await setupLink(system);
    await choosePassword(alice, printed, 'alice');
    await seen(heading(alice, 'The first tenant'));
    expect(await faultsOfPage(alice, 'tenant')).toEqual([]);
    await choosePassword(bob, printed, 'mallory');
    await seen(bob.getByRole('alert').filter({ hasText: 'LINK_INVALID' }));
  });

  const upload = () => alice.getByRole('dialog', { name: 'Upload a Recording Certificate' });

  test('a certificate fills its fields in before anything is sent; a wrong password is refused, and the right one saves', async () => {
    await alice.getByLabel('Tenant id').fill('demo');
    await button(alice, 'Go on to its certificates').click();
    await seen(alice.getByText('No certificates yet.'));
    const sent: Request[] = [];
    alice.on('request', (request) => void (request.method() !== 'GET' && sent.push(request)));
    await button(alice, 'Upload').click();
    await upload().getByLabel('Certificate', { exact: true }).setInputFiles(file('recordings.pem'));
    await seen(upload().getByText('CN=Recordings 2026'));
    await seen(upload().getByText('RSA, 2048 bits'));
    await upload().getByLabel('Private key', { exact: true }).setInputFiles(file('locked.key'));
    await seen(upload().getByText(/^yes, with AES-256-CBC/));
    expect(sent).toEqual([]);
    await seen(upload().getByText('--key locked.key').or(upload().getByText('On the command line')));
    await upload().getByLabel('Password of the private key').fill('another one');
    await button(upload(), 'Save').click();
    await seen(
      upload()
        .getByRole('alert')
        .filter({ hasText: /password.*\. .+\./i }),
    );
    await upload().getByLabel('Password of the private key').fill(KEY_PASSWORD);
    await upload().getByLabel('Alias').fill('Recordings 2026');
    await button(upload(), 'Save').click();
    await seen(heading(alice, 'Recordings 2026'));
    expect(sent.map((request) => request.method())).toEqual(['POST', 'POST']);
  });

  test('somebody is invited, chooses his password, and sees what his role allows and no more', async () => {
    await link(alice.getByRole('navigation', { name: 'Pages' }), 'Accounts').click();
    await button(alice, 'Invite').click();
    const dialog = alice.getByRole('dialog');
    await dialog.getByLabel('Name').fill('bob');
    await dialog.getByRole('checkbox', { name: /auditors/ }).check();
    await button(dialog, 'Invite').click();
    await choosePassword(bob, await textOf(dialog.locator('code')));
    await seen(bob.getByText('There is no tenant yet.'));
    await bob.goto('/t/demo/certificates');
    await seen(row(bob, 'Recordings 2026'));
    expect(await button(bob, 'Upload').count()).toBe(0);
    expect(await link(bob, 'Accounts').count()).toBe(0);
    await button(dialog, 'Done').click();
  });

  test('what one does the other sees without loading his page again: a PFX is uploaded', async () => {
    await alice.goto('/t/demo/certificates');
    await button(alice, 'Upload').click();
    await upload().getByLabel('Certificate', { exact: true }).setInputFiles(file('support.pfx'));
    await upload().getByLabel('Password of the private key').fill(KEY_PASSWORD);
    await button(upload(), 'Check').click();
    await seen(upload().getByText('It can be saved: nothing was stored yet.'));
    await upload().getByLabel('Alias').fill('Support');
    await button(upload(), 'Save').click();
    await seen(heading(alice, 'Support'));
    // 20 days are less than 30.
    await seen(row(bob, 'Support').getByText(/days/));
  });

  const choose = async (page: Page, ...aliases: string[]) => {
    await button(page, 'Choose…').first().click();
    const dialog = page.getByRole('dialog', { name: 'Choose certificates' });
    for (const alias of aliases) await dialog.getByRole('checkbox', { name: new RegExp(alias) }).check();
    await button(dialog, 'Take these').click();
  };

  test('a profile is made, and has its certificate by check box; every encryptor runs it then', async () => {
    await goTo(alice, 'IVR profiles');
    await button(alice, 'New profile').click();
    const dialog = alice.getByRole('dialog');
    await dialog.getByLabel('DBID').fill('101');
    await dialog.getByLabel('Name').fill('Sales');
    await button(dialog, 'Create').click();
    await seen(heading(alice, 'Sales'));
    const voice = alice.locator('section').filter({ has: alice.locator('#media-voice') });
    await choose(alice, 'Recordings 2026');
    await seen(voice.getByText('to be added'));
    await bob.goto('/t/demo/profiles');
    await seen(row(bob, '101'));
    await button(voice, 'Save').click();
    await gone(voice.getByText('to be added'));
    await seen(card(alice, 'Rollout').getByText(/^Every encryptor runs revision/));
    await seen(card(alice, 'Rollout').getByText('applied'));
    await seen(row(bob, '101').getByText('Recordings 2026'));
  });

  test('screen certificates are added, cancelled, saved and removed', async () => {
    await goTo(alice, 'Screen Recording Certificates');
    await seen(alice.getByText(/^There are none yet/));
    await choose(alice, 'Support', 'Recordings 2026');
    expect(await alice.getByText('to be added').count()).toBe(2);
    await button(alice, 'Cancel').click();
    await seen(alice.getByText('No certificate.'));
    await choose(alice, 'Support', 'Recordings 2026');
    await button(alice, 'Save').click();
    await seen(card(alice, 'Rollout').getByText(/^Every encryptor runs revision/));
    await button(alice, 'Remove Recordings 2026').click();
    await seen(alice.getByText('to be removed'));
    await button(alice, 'Save').click();
    await gone(alice.getByText('Recordings 2026'));
    await seen(link(alice, 'Support'));
  });

  test('nobody does with the API what his pages do not offer', async () => {
    const refused = async (page: Page, route: string, body?: unknown) => {
      const { status, code } = await askApi(page, route, body);
      return [status, code];
    };
    const denied = [403, 'PERMISSION_DENIED'];
    const newProfile = { profileId: '7', name: 'x', suite: 'pkcs7', policy: 'required' };
    expect(await refused(bob, 'POST /tenants/demo/profiles', newProfile)).toEqual(denied);
    expect(await refused(bob, 'GET /accounts')).toEqual(denied);
    // Groups count from the next request on.
    for (const [group, sees, mayNot] of [
      ['players', ['Recordings'], 'GET /tenants/demo/audit'],
      ['operators', ['Live'], 'GET /tenants/demo/audit'],
    ] as const) {
      expect(await askApi(alice, 'PATCH /accounts/bob', { groups: [group] })).toMatchObject({ status: 200 });
      await bob.goto('/');
      await signIn(bob, 'bob');
      for (const name of sees) await seen(link(bob.getByRole('navigation', { name: 'Pages' }), name));
      expect(await link(bob, 'Audit').count()).toBe(0);
      expect(await refused(bob, mayNot)).toEqual(denied);
    }
  });

  test('a session that nobody has used for too long ends at the sign-in page, and signing in leads back', async () => {
    await goTo(alice, 'Recording Certificates');
    await seen(row(alice, 'Support'));
    await using redis = await redisForTests(system, dir);
    const { client } = redis;
    const anHourAgo = Date.now() - 3_600_000;
    for (const key of await client.keys('st:{_}:session:*')) await client.hset(key, 'seenAt', anHourAgo);
    await goTo(alice, 'IVR profiles');
    await seen(heading(alice, 'Sign in'));
    await signIn(alice, 'alice');
    await seen(heading(alice, 'IVR profiles'));
    await seen(row(alice, '101'));
  });
});
