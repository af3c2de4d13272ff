import type { Action } from '@sealtrack/access/access';
import { createAccess } from '@sealtrack/access/create-access';
import type { Policy } from '@sealtrack/access/policy';
import { actionsOfRole, type Role } from '@sealtrack/access/roles';
import { createProxies } from '@sealtrack/media-http/proxies';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type Needed, ROUTES, type Route } from '../api/routes.ts';
import { csrfTokenOf } from '../domain/csrf-token.ts';
import type { Person } from '../person.ts';
import type { Handler, Handlers } from './handler.ts';
import { startConsoleServer } from './http-server.ts';

const ROLES = ['administrator', 'operator', 'auditor', 'player'] as const satisfies readonly Role[];
let policy: Policy = { version: 1, grants: [] };
const grants = ROLES.map((role) => ({ who: [`group:${role}`], role, tenants: ['*'] }));
const everybody: Policy = {
  version: 1,
  grants: [...grants, { who: ['user:acme-only'], role: 'administrator', tenants: ['acme'] }],
};
beforeEach(() => {
  policy = everybody;
  reached.length = 0;
});

const reached: { readonly route: string; readonly user: string | undefined }[] = [];
const routes = Object.entries(ROUTES) as [Route, Needed][];
const handlers = Object.fromEntries(
  routes.map(([route]) => {
    const handler: Handler = async ({ person }) => {
      // Nobody is there on routes for anybody.
      reached.push({ route, user: (person as Person | undefined)?.user });
      return { route };
    };
    return [route, handler];
  }),
) as Handlers;

/** A session of each is known by a token of the letter that its name begins with. */
const tokenOf = (user: string): string => (user[0] ?? '').repeat(43);
const people = [...ROLES, 'nothing', 'z-acme-only'].map((each): [string, Person] => {
  const user = each.replace('z-', '');
  const names = [`user:${user}`, `group:${each}`];
  return [
    each === 'auditor' ? 'u'.repeat(43) : tokenOf(each),
    { user, groups: [each], kind: 'local', names },
  ];
});
const byToken = new Map(people);
const tokenOfRole = (role: string): string => (role === 'auditor' ? 'u'.repeat(43) : tokenOf(role));

const { log } = noteLines();
const server = await startConsoleServer({
  ...{ listen: '127.0.0.1:0', transport: PLAINTEXT, maxConnections: 500, connectionsPerAddress: 500 },
  ...{ proxies: createProxies({ proxies: [], header: 'forwarded' }), proxyHeader: 'forwarded' },
  ...{ origin: undefined, isHttps: true, staticDir: import.meta.dirname, log },
  access: createAccess({ policy: () => policy, where: 'in a test' }),
  findSession: async (token) => {
    const person = byToken.get(token);
    return person && { person, endsAt: new Date() };
  },
  health: { down: () => [] },
  groups: [handlers],
});
afterAll(() => server.close());

interface Asking {
  readonly token?: string;
  readonly csrf?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tenant?: string;
}

async function ask(route: Route, { token, csrf, headers = {}, tenant = 'demo' }: Asking): Promise<string> {
  const [method = '', path = ''] = route.split(' ');
  const response = await fetch(`http://${server.address}/api/v1${path.replace(':tenant', tenant)}`, {
    method,
    headers: {
      ...(token !== undefined && { cookie: `other=1; __Host-sealtrack=${token}` }),
      ...(csrf !== undefined && { 'x-csrf-token': csrf }),
      ...headers,
    },
  });
  const { code } = (await response.json()) as { readonly code?: string };
  return [response.status, ...(code === undefined ? [] : [code])].join(' ');
}

const signedInAs = (role: string): Asking => {
  const token = tokenOfRole(role);
  return { token, csrf: csrfTokenOf(token) };
};
const changes = (route: Route) => !route.startsWith('GET ');

/** What the access policy says of a route, by the roles as they are written down. */
function mayDo(role: Role, needed: Needed): boolean {
  if (needed === 'anybody' || needed === 'signed-in') return true;
  const has = actionsOfRole(role);
  const any: readonly Action[] =
    'all' in needed ? [needed.all] : typeof needed.tenant === 'string' ? [needed.tenant] : needed.tenant;
  return any.some((action) => has.includes(action));
}

describe.each(routes)('%s', (route, needed) => {
  const isOpen = needed === 'anybody';

  test('takes somebody who is signed in, and may', async () => {
    expect(await ask(route, {})).toBe(isOpen ? '200' : '401 SIGN_IN_NEEDED');
    expect(await ask(route, { token: 'x'.repeat(43), csrf: csrfTokenOf('x'.repeat(43)) })).toBe(
      isOpen ? '200' : '401 SIGN_IN_NEEDED',
    );
    const isForAll = isOpen || needed === 'signed-in';
    expect(await ask(route, signedInAs('nothing'))).toBe(isForAll ? '200' : '403 PERMISSION_DENIED');
    for (const role of ROLES)
      expect([role, await ask(route, signedInAs(role))]).toEqual([
        role,
        mayDo(role, needed) ? '200' : '403 PERMISSION_DENIED',
      ]);
    const isOfTenant = typeof needed === 'object' && 'tenant' in needed;
    const isAcmes = isOfTenant && mayDo('administrator', needed);
    const acme = signedInAs('z-acme-only');
    expect(await ask(route, acme)).toBe(isForAll ? '200' : '403 PERMISSION_DENIED');
    expect(await ask(route, { ...acme, tenant: 'acme' })).toBe(
      isForAll || isAcmes ? '200' : '403 PERMISSION_DENIED',
    );
    // Whom nothing is granted any more may do nothing any more.
    policy = { version: 1, grants: [] };
    expect(await ask(route, signedInAs('administrator'))).toBe(isForAll ? '200' : '403 PERMISSION_DENIED');
    const allowed = reached.filter(({ route: each }) => each === route);
    expect(allowed.map(({ user }) => user).includes('nothing')).toBe(isForAll);
  });
});

describe.each(routes.filter(([route]) => changes(route)))('%s', (route, needed) => {
  const isOpen = needed === 'anybody';

  test('takes what shows that a page of the console sends it', async () => {
    const role = ROLES.find((each) => mayDo(each, needed)) ?? 'administrator';
    const { token = '', csrf = '' } = signedInAs(role);
    const others = csrfTokenOf('x'.repeat(43));
    for (const wrong of [undefined, '', others, token, `${csrf}x`])
      expect(await ask(route, { token, csrf: wrong })).toBe(isOpen ? '200' : '403 PERMISSION_DENIED');
    reached.length = 0;
    for (const headers of [
      ...[
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { origin: 'https://evil.example' },
      ],
      ...[{ origin: 'null' }, { origin: `http://${server.address}`, 'sec-fetch-site': 'cross-site' }],
    ])
      expect(await ask(route, { token, csrf, headers })).toBe('403 PERMISSION_DENIED');
    expect(reached).toEqual([]);
    for (const headers of [{ origin: `http://${server.address}` }, { 'sec-fetch-site': 'same-origin' }])
      expect(await ask(route, { token, csrf, headers })).toBe('200');
  });
});

test('pages of others do not even read, but for the way back from an identity provider', async () => {
  const headers = { 'sec-fetch-site': 'cross-site' };
  const open = await Promise.all(
    routes
      .filter(([route]) => !changes(route))
      .map(async ([route]) => [route, await ask(route, { ...signedInAs('administrator'), headers })]),
  );
  expect(open.filter(([, answer]) => answer !== '403 PERMISSION_DENIED')).toEqual([
    ['GET /oidc/callback', '200'],
  ]);
});

test('what is certain of who may what, whatever the table of routes says by mistake', async () => {
  const mayAsk = async (route: Route) => {
    const answers = await Promise.all(
      ROLES.map(async (role) => ((await ask(route, signedInAs(role))) === '200' ? [role] : [])),
    );
    return answers.flat();
  };
  const expected: Partial<Record<Route, readonly string[]>> = {
    'GET /accounts': ['administrator'],
    'POST /accounts': ['administrator'],
    'PATCH /accounts/:name': ['administrator'],
    'DELETE /accounts/:name': ['administrator'],
    'POST /tenants/:tenant/certificates': ['administrator'],
    'DELETE /tenants/:tenant/certificates/:certificate': ['administrator'],
    'PUT /tenants/:tenant/profiles/:profile/certificates': ['administrator'],
    'PUT /tenants/:tenant/screen': ['administrator'],
    'GET /tenants/:tenant/recordings/:recording/media/:media': ['player'],
    'GET /tenants/:tenant/recordings/:recording/media/:media/waveform': ['player'],
    'GET /tenants/:tenant/recordings/:recording/media/:media/pkcs7': ['player'],
    'GET /tenants/:tenant/audit': ['auditor'],
    'GET /tenants/:tenant/audit/export': ['auditor'],
    'GET /audit/verification': ['auditor'],
    'POST /tenants/:tenant/dead-letters/:number/retry': ['administrator', 'operator'],
  };
  for (const [route, roles] of Object.entries(expected) as [Route, readonly string[]][])
    expect([route, await mayAsk(route)]).toEqual([route, roles]);
  const anybody = routes.filter(([, needed]) => needed === 'anybody').map(([route]) => route);
  expect(anybody).toEqual([
    ...['GET /session', 'POST /session', 'POST /setup', 'POST /invitation'],
    ...['GET /oidc/start', 'GET /oidc/callback'],
  ]);
});
