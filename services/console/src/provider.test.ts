import { connectRedis } from '@sealtrack/redis/connect';
import { testNats, testRedis } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { makeStreams, openBrowser, startPeopleConsole } from './testing/people-world.ts';
import { startProvider } from './testing/provider.ts';

const [redis, nats] = await Promise.all([testRedis(), testNats()]);
await makeStreams(nats.url);
const connection = connectRedis({ transport: PLAINTEXT, url: redis.url, name: 'test' });
beforeEach(() => connection.client.flushall());
const ORIGIN = 'https://console.example';
const provider = await startProvider(`${ORIGIN}/api/v1/oidc/callback`);
afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

const start = (variables: Record<string, string> = {}) =>
  startPeopleConsole(
    { redis: redis.url, nats: nats.url },
    {
      ...{
        SEALTRACK_PUBLIC_URL: ORIGIN,
        SEALTRACK_OIDC_ISSUER: provider.issuer,
        SEALTRACK_OIDC_NAME: 'Example SSO',
      },
      ...{ SEALTRACK_OIDC_CLIENT_ID: 'console', SEALTRACK_OIDC_CLIENT_SECRET: 'provider-secret' },
      ...variables,
    },
  );
type Console = Awaited<ReturnType<typeof start>>;

/** In a browser of his own. */
async function signIn(
  console: Console,
  sub: string | undefined,
  to = '/recordings?x=1',
  browser = openBrowser(console),
) {
  const begun = await browser.ask('GET', `/oidc/start?to=${encodeURIComponent(to)}`);
  const back = await provider.signIn(begun.headers.get('location') ?? '', sub);
  const comeBack = (address = back) => browser.ask('GET', address.slice(`${ORIGIN}/api/v1`.length));
  return { browser, begun, back, comeBack };
}
const locationOf = ({ headers }: { readonly headers: Headers }) => headers.get('location');
const REFUSED = '/sign-in?problem=SIGN_IN_REFUSED';

test('somebody whom the provider vouches for signs in, with the groups that it names', async () => {
  await using console = await start();
  const groups = ['/Administrators', 'players', 'two words', 7, 'user:x'];
  provider.people.set('sub-1', { preferred_username: 'Alice@Example.com', groups });
  expect((await openBrowser(console).ask('GET', '/session')).json).toMatchObject({ provider: 'Example SSO' });
  const { browser, begun, comeBack, back } = await signIn(console, 'sub-1');
  expect([begun.status, begun.headers.getSetCookie()]).toEqual([
    303,
    [
      expect.stringMatching(
        /^__Host-sealtrack-sign-in=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      ),
    ],
  ]);
  const asked = new URL(locationOf(begun) ?? '').searchParams;
  expect(asked.get('code_challenge_method')).toBe('S256');
  const answer = await comeBack();
  expect([answer.status, locationOf(answer)]).toEqual([303, '/recordings?x=1']);
  const session = (await browser.ask('GET', '/session')).json;
  expect(session).toMatchObject({
    user: 'alice@example.com',
    kind: 'oidc',
    groups: ['administrators', 'players'],
  });
  expect(session.actions).toEqual(expect.arrayContaining(['account.manage', 'media.play']));
  expect(console.lines).toContainEqual(expect.objectContaining({ fields: { groups: 3 } }));
  // He has no password here, and nobody makes the first account by a link any more.
  const change = { current: 'correct horse battery', next: 'correct horse battery staple' };
  expect((await browser.ask('PUT', '/session/password', change)).json.code).toBe('INVALID_ARGUMENT');
  const setup = { token: console.setupToken(), name: 'eve', password: change.next };
  expect((await openBrowser(console).ask('POST', '/setup', setup)).json.code).toBe('LINK_INVALID');
  // The way back is good once, and in the browser that went.
  expect(locationOf(await comeBack())).toBe(REFUSED);
  expect(JSON.stringify(console.lines)).not.toContain(new URL(back).searchParams.get('code'));
});

test('what is no answer to what was asked signs nobody in', async () => {
  await using console = await start();
  provider.people.set('sub-1', { preferred_username: 'alice', groups: [] });
  const isIn = async ({ browser }: { browser: ReturnType<typeof openBrowser> }) =>
    (await browser.ask('GET', '/session')).json.user !== null;
  const no = await signIn(console, undefined);
  expect([locationOf(await no.comeBack()), await isIn(no)]).toEqual([REFUSED, false]);
  const state = await signIn(console, 'sub-1');
  const forged = new URL(state.back);
  forged.searchParams.set('state', 'x'.repeat(43));
  expect([locationOf(await state.comeBack(forged.href)), await isIn(state)]).toEqual([REFUSED, false]);
  // Somebody else's way back, which he would have her take: her browser did not go there.
  const his = await signIn(console, 'sub-1');
  const hers = await signIn(console, undefined);
  expect([locationOf(await hers.comeBack(his.back)), await isIn(hers)]).toEqual([REFUSED, false]);
  for (const to of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/api/v1/session',
    'x',
    '/a\\b',
  ])
    expect(locationOf(await (await signIn(console, 'sub-1', to)).comeBack())).toBe('/');
  for (const claims of [{}, { preferred_username: 'user:alice' }, { preferred_username: 7 }]) {
    provider.people.set('sub-2', claims);
    expect(locationOf(await (await signIn(console, 'sub-2')).comeBack())).toBe(REFUSED);
  }
});

test('nobody becomes somebody else by a name', async () => {
  await using console = await start();
  const root = openBrowser(console);
  const password = 'correct horse battery staple';
  await root.ask('POST', '/setup', { token: console.setupToken(), name: 'root-1', password });
  // A local account has the name.
  provider.people.set('sub-1', { preferred_username: 'Root-1', groups: ['administrators'] });
  expect(locationOf(await (await signIn(console, 'sub-1')).comeBack())).toBe(REFUSED);
  // Another person of the provider has it.
  provider.people.set('sub-2', { preferred_username: 'bob', groups: ['players'] });
  const bob = await signIn(console, 'sub-2');
  expect(locationOf(await bob.comeBack())).toBe('/recordings?x=1');
  provider.people.set('sub-1', { preferred_username: 'bob', groups: ['administrators'] });
  expect(locationOf(await (await signIn(console, 'sub-1')).comeBack())).toBe(REFUSED);
  // An administrator cannot make a local account of it, nor invite him; he can disable him.
  expect((await root.ask('POST', '/accounts', { name: 'bob', groups: [] })).json.code).toBe('ACCOUNT_EXISTS');
  expect((await root.ask('POST', '/accounts/bob/invitation')).json.code).toBe('INVALID_ARGUMENT');
  expect((await root.ask('PATCH', '/accounts/bob', { groups: ['administrators'] })).json.code).toBe(
    'INVALID_ARGUMENT',
  );
  expect((await root.ask('GET', '/accounts')).json.accounts).toMatchObject([
    { name: 'bob', kind: 'oidc', groups: ['players'], state: 'active' },
    { name: 'root-1', kind: 'local' },
  ]);
  // Other groups at the provider are his from the next time on, and no session keeps the old ones.
  provider.people.set('sub-2', { preferred_username: 'bob', groups: ['auditors'] });
  const again = await signIn(console, 'sub-2');
  await again.comeBack();
  expect((await bob.browser.ask('GET', '/session')).json.user).toBeNull();
  expect((await again.browser.ask('GET', '/session')).json.groups).toEqual(['auditors']);
  expect((await root.ask('PATCH', '/accounts/bob', { disabled: true })).json.state).toBe('disabled');
  expect((await again.browser.ask('GET', '/session')).json.user).toBeNull();
  expect(locationOf(await (await signIn(console, 'sub-2')).comeBack())).toBe(REFUSED);
  expect((await openBrowser(console).ask('POST', '/session', { name: 'bob', password })).status).toBe(401);
});

test('without the provider the console starts, says so, and lets in whom it knows itself', async () => {
  await using console = await start({ SEALTRACK_OIDC_ISSUER: 'http://127.0.0.1:1' });
  const begun = await openBrowser(console).ask('GET', '/oidc/start');
  expect([begun.status, locationOf(begun)]).toEqual([303, '/sign-in?problem=SERVICE_UNAVAILABLE']);
  const body = { token: console.setupToken(), name: 'root-1', password: 'correct horse battery staple' };
  expect((await openBrowser(console).ask('POST', '/setup', body)).status).toBe(200);
});

test('who begins again and again, and never comes back, fills nothing up', async () => {
  await using console = await start();
  provider.people.set('sub-9', { preferred_username: 'ines' });
  const { comeBack } = await signIn(console, 'sub-9');
  const begin = async () =>
    locationOf(await openBrowser(console).ask('GET', `/oidc/start?to=/${'a'.repeat(2_000)}`));
  const begun = await Promise.all(Array.from({ length: 210 }, begin));
  expect(begun.filter((to) => to === '/sign-in?problem=TOO_MANY_CALLS')).toHaveLength(11);
  expect(await connection.client.keys('*sign-in:*')).toHaveLength(202);
  // Whoever comes back makes room, and time does.
  expect(locationOf(await comeBack())).toBe('/recordings?x=1');
  expect([await begin(), await begin()]).toEqual([
    expect.stringMatching(/^http/),
    '/sign-in?problem=TOO_MANY_CALLS',
  ]);
  console.clock.aheadMs = 601_000;
  expect(await begin()).toMatch(/^http/);
});
