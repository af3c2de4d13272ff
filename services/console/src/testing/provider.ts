import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

export interface TestProvider extends AsyncDisposable {
  readonly issuer: string;
  /** What it says of whoever signs in, by sub. */
  readonly people: Map<string, Readonly<Record<string, unknown>>>;
  /**
   * Signs somebody in as a person would: follows the address through the provider, as the sub, and returns where it sends the browser
   * back to. Without a sub he says no.
   */
  signIn(address: string, sub: string | undefined): Promise<string>;
}

/** A real provider on loopback, in which there is no form: who signs in is said by a header. */
export async function startProvider(redirectUri: string): Promise<TestProvider> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const people = new Map<string, Readonly<Record<string, unknown>>>();
  const provider = new Provider(issuer, {
    clients: [
      {
        ...{ client_id: 'console', client_secret: 'provider-secret', redirect_uris: [redirectUri] },
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
    findAccount: (_, sub) => ({ accountId: sub, claims: async () => ({ sub, ...people.get(sub) }) }),
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    cookies: { keys: ['test'] },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
    jwks: { keys: [await signingKey()] },
  });
  const callback = provider.callback();
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/') !== true) return callback(request, response);
    void (async () => {
      const { prompt, params, session } = await provider.interactionDetails(request, response);
      const sub = request.headers['x-sub']?.toString();
      if (sub === undefined)
        return provider.interactionFinished(request, response, { error: 'access_denied' });
      if (prompt.name === 'login')
        return provider.interactionFinished(request, response, { login: { accountId: sub } });
      const grant = new provider.Grant({ accountId: session?.accountId, clientId: String(params.client_id) });
      grant.addOIDCScope('openid profile');
      return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
    })();
  });
  return {
    ...{ issuer, people },
    async signIn(address, sub) {
      const cookies = new Map<string, string>();
      for (let at = address; ; ) {
        if (!at.startsWith(issuer)) return at;
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        const headers = { cookie, ...(sub !== undefined && { 'x-sub': sub }) };
        const response = await fetch(at, { redirect: 'manual', headers });
        for (const line of response.headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          cookies.set(name, value);
        }
        const location = response.headers.get('location');
        if (location === null) throw new Error(`${response.status} ${await response.text()}`);
        at = new URL(location, at).href;
      }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function signingKey() {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2_048, hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(
    { ...algorithm, publicExponent: new Uint8Array([1, 0, 1]) },
    ...([true, ['sign', 'verify']] as const),
  );
  // Of both halves only what is said of either: a public key that is for signing verifies nothing.
  const { key_ops: _, ext: __, ...jwk } = await crypto.subtle.exportKey('jwk', keys.privateKey);
  return { ...jwk, use: 'sig', alg: 'RS256' };
}
