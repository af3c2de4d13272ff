import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectRedis, type RedisClient } from '@sealtrack/redis/connect';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { startTestNats, testNats, testRedis } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { readAccountRecords } from './testing/account-records.ts';
import {
  makeStreams,
  openBrowser,
  type PeopleConsole,
  startPeopleConsole,
  tokenOf,
} from './testing/people-world.ts';

const [redis, nats] = await Promise.all([testRedis(), testNats()]);
const servers = { redis: redis.url, nats: nats.url };
await makeStreams(nats.url);
const connection = connectRedis({ transport: PLAINTEXT, url: redis.url, name: 'test' });
const store = connection.client;
afterAll(() => connection[Symbol.asyncDispose]());
beforeEach(() => store.flushall());

const PASSWORD = 'correct horse battery staple';
const OTHER = 'an umbrella under seven bridges';
const ALL_GROUPS = ['administrators', 'auditors', 'operators', 'players'];

/** A console with its first account, root, signed in. */
async function withRoot(variables: Record<string, string> = {}) {
  const console = await startPeopleConsole(servers, variables);
  const root = openBrowser(console);
  const made = await root.ask('POST', '/setup', {
    token: console.setupToken(),
    name: 'root-1',
    password: PASSWORD,
  });
  expect(made.status).toBe(200);
  return { console, root, [Symbol.asyncDispose]: () => console[Symbol.asyncDispose]() };
}

/** Somebody whom root has invited, signed in. */
async function invited(
  { console, root }: Awaited<ReturnType<typeof withRoot>>,
  name: string,
  groups: readonly string[],
) {
  const { json, status } = await root.ask('POST', '/accounts', { name, groups });
  expect(status).toBe(200);
  const browser = openBrowser(console);
  const token = tokenOf(String(json.link));
  expect((await browser.ask('POST', '/invitation', { token, password: PASSWORD })).status).toBe(200);
  return browser;
}

const signIn = async (console: PeopleConsole, name: string, password: string) => {
  const browser = openBrowser(console);
  return { browser, answer: await browser.ask('POST', '/session', { name, password }) };
};

test('the first start prints a link that makes the first account, once, and what is made signs in and out', async () => {
  await using console = await startPeopleConsole(servers, {
    SEALTRACK_PUBLIC_URL: 'https://console.example',
  });
  const root = openBrowser(console);
  expect((await root.ask('GET', '/session')).json).toEqual({ user: null, provider: null, setupNeeded: true });
  const token = console.setupToken();
  const link = { token, name: ' Root-1 ', password: PASSWORD };
  const weak = await root.ask('POST', '/setup', { ...link, password: 'root-1 root-1 root-1' });
  expect([weak.status, weak.json.code]).toEqual([400, 'PASSWORD_WEAK']);
  const made = await root.ask('POST', '/setup', link);
  expect(made.json).toMatchObject({
    user: 'root-1',
    kind: 'local',
    groups: ALL_GROUPS,
    tenants: [],
    idleSeconds: 1_800,
  });
  expect(made.json.actions).toEqual(expect.arrayContaining(['account.manage', 'media.play', 'audit.read']));
  expect(made.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^__Host-sealtrack=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/),
  ]);
  expect(made.headers.get('strict-transport-security')).toBe('max-age=31536000');
  expect((await openBrowser(console).ask('POST', '/setup', { ...link, name: 'eve' })).json.code).toBe(
    'LINK_INVALID',
  );
  expect((await root.ask('GET', '/session')).json).toMatchObject({ user: 'root-1', version: '0.1.0' });

  const out = await root.ask('DELETE', '/session');
  expect(out.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^__Host-sealtrack=; .*Expires=Thu, 01 Jan 1970/),
  ]);
  expect((await root.ask('GET', '/session')).json).toEqual({
    user: null,
    provider: null,
    setupNeeded: false,
  });
  const { answer } = await signIn(console, 'ROOT-1', PASSWORD);
  expect(answer.json).toMatchObject({ user: 'root-1' });
  expect(answer.headers.getSetCookie()).toEqual([
    expect.stringMatching(
      /^__Host-sealtrack-browser=[\w-]{43}; Max-Age=7776000; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    ),
    expect.stringMatching(/^__Host-sealtrack=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/),
  ]);
  // Nothing that lets anybody in is in Redis, nor in the log.
  const kept = await everythingIn(store);
  const logged = JSON.stringify(console.lines.filter(({ fields }) => !('setupLink' in fields)));
  for (const secret of [
    token,
    PASSWORD,
    ...root.cookies.values(),
    root.csrfToken,
    String(answer.json.csrfToken),
  ])
    expect(kept + logged).not.toContain(secret);
});

async function everythingIn(redis: RedisClient): Promise<string> {
  const keys = await redis.keys('*');
  const hashes = await Promise.all(
    keys.map(async (key) => (await redis.type(key)) === 'hash' && redis.hgetall(key)),
  );
  return JSON.stringify([keys, hashes]);
}

test('who is nobody costs the same, however many accounts there are', async () => {
  await using world = await withRoot();
  const reads = async () => /cmdstat_hgetall:calls=(\d+)/.exec(await store.info('commandstats'))?.[1];
  const before = await reads();
  for (let asked = 0; asked < 5; asked += 1)
    expect((await openBrowser(world.console).ask('GET', '/session')).json.setupNeeded).toBe(false);
  expect(await reads()).toBe(before);
});

test('the setup link is in a file that its owner alone reads, until it is taken', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'setup-link');
  await using console = await startPeopleConsole(servers, { SEALTRACK_SETUP_LINK_FILE: file });
  const link = await readFile(file, 'utf8');
  expect(link).toMatch(new RegExp(`^${console.url}/setup#[\\w-]{43}\n$`));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(JSON.stringify(console.lines)).not.toContain(tokenOf(link.trim()));
  const body = { token: tokenOf(link.trim()), name: 'root-1', password: PASSWORD };
  expect((await openBrowser(console).ask('POST', '/setup', body)).status).toBe(200);
  expect(() => statSync(file)).toThrow('ENOENT');
});

test('of two consoles that start at once either has a good link, and whichever comes first is the last', async () => {
  await using one = await startPeopleConsole(servers);
  await using other = await startPeopleConsole(servers);
  const make = (console: PeopleConsole, name: string) =>
    openBrowser(console).ask('POST', '/setup', { token: console.setupToken(), name, password: PASSWORD });
  const made = await Promise.all([make(one, 'first'), make(other, 'second'), make(one, 'third')]);
  expect(made.map(({ status }) => status).sort()).toEqual([200, 403, 403]);
  const [account] = made.flatMap(({ json }) => (json.user === undefined ? [] : [String(json.user)]));
  // A session of one is one of the other.
  const { browser } = await signIn(one, account ?? '', PASSWORD);
  const there = openBrowser(other);
  for (const [name, value] of browser.cookies) there.cookies.set(name, value);
  expect((await there.ask('GET', '/session')).json).toMatchObject({ user: account });
  expect((await browser.ask('DELETE', '/session')).status).toBe(200);
  expect((await there.ask('GET', '/session')).json).toMatchObject({ user: null });
});

test('a sign-in has a session of its own, whatever cookie came with it', async () => {
  await using world = await withRoot();
  const eve = openBrowser(world.console);
  eve.cookies.set('__Host-sealtrack', 'e'.repeat(43));
  await eve.ask('POST', '/session', { name: 'root-1', password: PASSWORD });
  expect(eve.cookies.get('__Host-sealtrack')).not.toBe('e'.repeat(43));
  const before = new Map(eve.cookies);
  await eve.ask('POST', '/session', { name: 'root-1', password: PASSWORD });
  const old = openBrowser(world.console);
  for (const [name, value] of before) old.cookies.set(name, value);
  expect((await old.ask('GET', '/session')).json).toMatchObject({ user: null });
});

test('whatever was wrong, it is answered the same; too much of it has to wait, and not where somebody is known', async () => {
  await using world = await withRoot();
  const { console, root } = world;
  const known = openBrowser(console);
  expect((await known.ask('POST', '/session', { name: 'root-1', password: PASSWORD })).status).toBe(200);
  await invited(world, 'off', []);
  await root.ask('PATCH', '/accounts/off', { disabled: true });
  await root.ask('POST', '/accounts', { name: 'new', groups: [] });
  const wrong = [
    ...[
      ['root-1', OTHER],
      ['nobody', PASSWORD],
      ['off', PASSWORD],
      ['new', PASSWORD],
      ['__proto__', PASSWORD],
    ],
    ['#', PASSWORD],
  ] as const;
  const refused = await Promise.all(wrong.map(([name, password]) => signIn(console, name, password)));
  for (const { answer } of refused) {
    expect(answer.status).toBe(401);
    expect({ ...answer.json, traceId: '' }).toEqual({ ...refused[0]?.answer.json, traceId: '' });
    expect(answer.headers.getSetCookie()).toEqual([]);
  }
  for (let failed = 1; failed < 6; failed += 1)
    expect((await signIn(console, 'root-1', OTHER)).answer.status).toBe(401);
  // The seventh, with the right one too, after the first wait; and so with another console.
  await using another = await startPeopleConsole(servers);
  for (const where of [console, another]) {
    const { answer } = await signIn(where, 'Root-1', PASSWORD);
    expect([answer.status, answer.json.code]).toEqual([429, 'TOO_MANY_FAILURES']);
    expect(answer.headers.get('retry-after')).toBe('1');
  }
  // Nobody is signed out by that, and who has signed in there before is not held up.
  expect((await root.ask('GET', '/accounts')).status).toBe(200);
  expect((await known.ask('POST', '/session', { name: 'root-1', password: PASSWORD })).status).toBe(200);
  // It does not lock: after the wait the right one does.
  console.clock.aheadMs = 1_001;
  expect((await signIn(console, 'root-1', PASSWORD)).answer.status).toBe(200);
});

test('one address cannot try one name after the other', async () => {
  await using world = await withRoot({ SEALTRACK_TRUSTED_PROXIES: '127.0.0.1' });
  const from = (address: string, name: string) =>
    openBrowser(world.console).ask(
      'POST',
      '/session',
      { name, password: OTHER },
      { 'x-forwarded-for': address },
    );
  for (let nth = 0; nth < 21; nth += 1)
    expect((await from('2001:db8:0:7::1', `name-${nth}`)).status).toBe(401);
  expect((await from('2001:db8:0:7::ffff', 'name-22')).status).toBe(429);
  expect((await from('2001:db8:0:8::1', 'name-22')).status).toBe(401);
});

test('a session ends when nobody asks, and in the end', async () => {
  await using world = await withRoot({
    SEALTRACK_SESSION_IDLE_SECONDS: '600',
    SEALTRACK_SESSION_SECONDS: '3600',
  });
  const { console, root } = world;
  const isSignedIn = async (headers = {}) =>
    (await root.ask('GET', '/session', undefined, headers)).json.user !== null;
  const minutes = async (count: number, headers = {}) => {
    console.clock.aheadMs = count * 60_000;
    return isSignedIn(headers);
  };
  expect([await minutes(9), await minutes(18), await minutes(27)]).toEqual([true, true, true]);
  // What a page asks on its own keeps nobody signed in.
  expect(await minutes(36, { 'x-background': '1' })).toBe(true);
  expect(await minutes(38)).toBe(false);
  console.clock.aheadMs = 0;
  expect(await isSignedIn()).toBe(false);

  await root.ask('POST', '/session', { name: 'root-1', password: PASSWORD });
  for (let count = 5; count < 60; count += 5) expect(await minutes(count)).toBe(true);
  expect(await minutes(60)).toBe(false);

  // Nobody's clock makes one last.
  console.clock.aheadMs = 0;
  await root.ask('POST', '/session', { name: 'root-1', password: PASSWORD });
  expect(await minutes(-0.5)).toBe(true);
  expect(await minutes(-2)).toBe(false);
  await root.ask('POST', '/session', { name: 'root-1', password: PASSWORD });
  const [key = ''] = await store.keys('st:{_}:session:*');
  expect(await store.pttl(key)).toBeGreaterThan(0);
  expect(await store.pttl(key)).toBeLessThanOrEqual(600_000);
});

test('a new password ends every session, and is answered by another one', async () => {
  await using world = await withRoot();
  const { console, root } = world;
  const { browser: elsewhere } = await signIn(console, 'root-1', PASSWORD);
  const before = root.cookies.get('__Host-sealtrack');
  const change = (current: string, next: string) => root.ask('PUT', '/session/password', { current, next });
  expect((await change(OTHER, OTHER)).json).toMatchObject({
    code: 'PERMISSION_DENIED',
    details: { field: 'current' },
  });
  expect((await change(PASSWORD, 'passwordpassword')).json.code).toBe('PASSWORD_WEAK');
  expect((await change(PASSWORD, OTHER)).json).toMatchObject({ user: 'root-1' });
  expect(root.cookies.get('__Host-sealtrack')).not.toBe(before);
  expect((await elsewhere.ask('GET', '/session')).json.user).toBeNull();
  expect((await root.ask('GET', '/accounts')).status).toBe(200);
  expect((await signIn(console, 'root-1', PASSWORD)).answer.status).toBe(401);
  expect((await signIn(console, 'root-1', OTHER)).answer.status).toBe(200);
});

test('administrators invite, change, disable and delete; what somebody has ends with it', async () => {
  await using world = await withRoot();
  const { console, root } = world;
  const alice = await invited(world, 'alice', ['Players', 'players']);
  const list = async () => (await root.ask('GET', '/accounts')).json.accounts as Record<string, unknown>[];
  expect(await list()).toEqual([
    expect.objectContaining({ name: 'alice', kind: 'local', groups: ['players'], state: 'active' }),
    expect.objectContaining({
      name: 'root-1',
      groups: ALL_GROUPS,
      lastSignInAt: expect.stringMatching(/Z$/),
    }),
  ]);
  expect((await alice.ask('GET', '/session')).json.actions).not.toContain('account.manage');
  expect((await alice.ask('GET', '/accounts')).json.code).toBe('PERMISSION_DENIED');
  expect((await root.ask('POST', '/accounts', { name: 'Alice', groups: [] })).json.code).toBe(
    'ACCOUNT_EXISTS',
  );
  for (const name of ['', '..', '-x', 'a b', 'user:x', 'é', 'x'.repeat(65)])
    expect((await root.ask('POST', '/accounts', { name, groups: [] })).json.code).toBe('INVALID_ARGUMENT');

  // Other groups, a disabled account, a deleted one.
  expect((await root.ask('PATCH', '/accounts/alice', { groups: ['auditors'] })).json).toMatchObject({
    groups: ['auditors'],
  });
  expect((await alice.ask('GET', '/session')).json.user).toBeNull();
  const { browser: again } = await signIn(console, 'alice', PASSWORD);
  expect((await root.ask('PATCH', '/accounts/alice', { disabled: true })).json).toMatchObject({
    state: 'disabled',
  });
  expect((await again.ask('GET', '/session')).json.user).toBeNull();
  expect((await root.ask('POST', '/accounts/alice/invitation')).json.code).toBe('INVALID_ARGUMENT');
  await root.ask('PATCH', '/accounts/alice', { disabled: false });
  const first = (await root.ask('POST', '/accounts/alice/invitation')).json;
  const second = (await root.ask('POST', '/accounts/alice/invitation')).json;
  const accept = (link: unknown) =>
    openBrowser(console).ask('POST', '/invitation', { token: tokenOf(String(link)), password: OTHER });
  expect((await accept(first.link)).json.code).toBe('LINK_INVALID');
  const { browser: meanwhile } = await signIn(console, 'alice', PASSWORD);
  expect((await accept(second.link)).json).toMatchObject({ user: 'alice' });
  expect((await accept(second.link)).json.code).toBe('LINK_INVALID');
  expect((await meanwhile.ask('GET', '/session')).json.user).toBeNull();
  const { browser: last } = await signIn(console, 'alice', OTHER);
  const third = (await root.ask('POST', '/accounts/alice/invitation')).json;
  expect((await root.ask('DELETE', '/accounts/alice')).status).toBe(200);
  expect((await last.ask('GET', '/session')).json.user).toBeNull();
  expect((await accept(third.link)).json.code).toBe('LINK_INVALID');
  expect((await root.ask('DELETE', '/accounts/alice')).json.code).toBe('ACCOUNT_NOT_FOUND');
});

test('somebody stays who may manage accounts, whoever takes whose rights away at once', async () => {
  await using world = await withRoot();
  const { root } = world;
  const own = { status: 403, code: 'own-account' };
  const said = async (asking: ReturnType<typeof root.ask>) => {
    const { status, json } = await asking;
    return { status, code: (json.details as Record<string, unknown> | undefined)?.reason };
  };
  expect(await said(root.ask('DELETE', '/accounts/root-1'))).toEqual(own);
  expect(await said(root.ask('PATCH', '/accounts/root-1', { disabled: true }))).toEqual(own);
  const lastOne = { status: 403, code: 'last-administrator' };
  expect(await said(root.ask('PATCH', '/accounts/root-1', { groups: ['players'] }))).toEqual(lastOne);
  // Who has not set a password yet does not count.
  await root.ask('POST', '/accounts', { name: 'someday', groups: ['administrators'] });
  expect(await said(root.ask('PATCH', '/accounts/root-1', { groups: [] }))).toEqual(lastOne);

  const second = await invited(world, 'second', ['administrators']);
  await using another = await startPeopleConsole(servers);
  const there = openBrowser(another);
  for (const [name, value] of second.cookies) there.cookies.set(name, value);
  there.csrfToken = second.csrfToken;
  const both = await Promise.all([
    root.ask('PATCH', '/accounts/second', { groups: [] }),
    there.ask('DELETE', '/accounts/root-1'),
  ]);
  // One of them is done. The other comes from somebody who is none any more, or finds himself the last.
  expect(both.filter(({ status }) => status === 200)).toHaveLength(1);
});

test('who signs in, who does not and who may is on record', async () => {
  await using world = await withRoot();
  const { console, root } = world;
  await invited(world, 'alice', ['players']);
  await signIn(console, 'alice', OTHER);
  await signIn(console, PASSWORD, 'typed into the wrong field');
  await root.ask('PATCH', '/accounts/alice', { groups: ['auditors'], disabled: true });
  await root.ask('DELETE', '/accounts/alice');
  await root.ask('DELETE', '/session');
  const { records, report } = await readAccountRecords(nats.url);
  expect(
    records
      .slice(-12)
      .map(({ action, account, by, method, groups }) => [action, account, by, method, groups]),
  ).toEqual(
    [
      ['created', 'root-1', '', 'setup', ALL_GROUPS],
      ['signed-in', 'root-1', '', 'setup', []],
      ['created', 'alice', 'root-1', '', ['players']],
      ['password-changed', 'alice', '', 'invitation', []],
      ['signed-in', 'alice', '', 'invitation', []],
      ['sign-in-refused', 'alice', '', 'password', []],
      ['sign-in-refused', '', '', 'password', []],
      ['changed', 'alice', 'root-1', '', ['auditors']],
      ['disabled', 'alice', 'root-1', '', []],
      ['removed', 'alice', 'root-1', '', []],
      ['signed-out', 'root-1', '', '', []],
    ].toSpliced(0, 0, expect.anything()),
  );
  expect(records.at(-1)?.clientAddress).toBe('127.0.0.1');
  expect(report.problems).toEqual([]);
});

test('what cannot be put on record is not done', async () => {
  await using own = await startTestNats();
  await makeStreams(own.url);
  await using console = await startPeopleConsole({ ...servers, nats: own.url });
  const root = openBrowser(console);
  const setup = { token: console.setupToken(), name: 'root-1', password: PASSWORD };
  expect((await root.ask('POST', '/setup', setup)).status).toBe(200);
  await root.ask('POST', '/accounts', { name: 'alice', groups: [] });
  await own.kill();
  const answers = await Promise.all([
    signIn(console, 'root-1', PASSWORD).then(({ answer }) => answer),
    signIn(console, 'root-1', OTHER).then(({ answer }) => answer),
    root.ask('PATCH', '/accounts/alice', { groups: ['administrators'] }),
    root.ask('DELETE', '/accounts/alice'),
    root.ask('POST', '/accounts', { name: 'bob', groups: [] }),
    root.ask('POST', '/accounts/alice/invitation'),
    root.ask('PUT', '/session/password', { current: PASSWORD, next: OTHER }),
  ]);
  for (const { status, json, headers } of answers) {
    expect([status, json.code]).toEqual([503, 'AUDIT_UNAVAILABLE']);
    expect(headers.getSetCookie()).toEqual([]);
  }
  const { json } = await root.ask('GET', '/accounts');
  expect(json.accounts).toMatchObject([{ name: 'alice', groups: [] }, { name: 'root-1' }]);
  // Whoever leaves leaves.
  expect((await root.ask('DELETE', '/session')).status).toBe(200);
});
