import { createAccess } from '@sealtrack/access/create-access';
import type { Policy } from '@sealtrack/access/policy';
import type { SecureBus } from '@sealtrack/bus/testing/secure-bus';
import { createProxies } from '@sealtrack/media-http/proxies';
import { noMetrics } from '@sealtrack/service-kit/metrics';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { openTls } from '@sealtrack/tls/open-tls';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { createBusHandlers } from '../adapters/bus-handlers.ts';
import { startConsoleServer } from '../adapters/http-server.ts';
import { csrfTokenOf } from '../domain/csrf-token.ts';
import type { Person } from '../person.ts';

/** Alice may look at everything there is, and retry; Ben is auditor of demo, and Carl operator of acme. */
const POLICY: Policy = {
  version: 1,
  grants: [
    { who: ['user:alice'], role: 'operator', tenants: ['*'] },
    { who: ['user:alice'], role: 'auditor', tenants: ['*'] },
    { who: ['user:ben'], role: 'auditor', tenants: ['demo'] },
    { who: ['user:carl'], role: 'operator', tenants: ['acme'] },
  ],
};
export type User = 'alice' | 'ben' | 'carl';
const TOKENS: Readonly<Record<User, string>> = {
  ...{ alice: 'a'.repeat(43), ben: 'b'.repeat(43), carl: 'c'.repeat(43) },
};

/** A console on a bus with users and permissions, in which three people are signed in. */
export interface BusWorld extends AsyncDisposable {
  readonly system: SecureBus;
  /** http://127.0.0.1:port/api/v1. */
  readonly url: string;
  /** @param path below the API. */
  ask(user: User, method: string, path: string): Promise<Response>;
  read(user: User, path: string): Promise<unknown>;
  /** The messages of a stream from when this resolves on, until the test ends it. */
  follow(user: User, path: string): Promise<Followed>;
}

export interface Followed {
  readonly messages: unknown[];
  readonly response: Response;
  readonly ended: Promise<void>;
  end(): void;
}

/** Call it when the streams are there. */
export async function startBusWorld(system: SecureBus): Promise<BusWorld> {
  const stack = new AsyncDisposableStack();
  const { log } = noteLines();
  const access = createAccess({ policy: () => POLICY, where: 'in a test' });
  const bus = await system.as('console');
  const transport = stack.use(await tlsOf(system, 'console'));
  const handlers = stack.use(
    createBusHandlers({
      ...{ bus, access, log, metrics: noMetrics, transport },
      certificates: {
        listCertificates: async () => ({ certificates: [], nextPageToken: '', total: 0 }),
      },
      askSeals: async () => [{ server: '10.0.0.1:7013', state: 'open' }],
      health: { all: () => [], down: () => [] },
    }),
  );
  const server = stack.use(
    await startConsoleServer({
      ...{ listen: '127.0.0.1:0', transport: PLAINTEXT, maxConnections: 100, connectionsPerAddress: 100 },
      ...{ proxies: createProxies({ proxies: [], header: 'forwarded' }), proxyHeader: 'forwarded' },
      ...{ origin: undefined, isHttps: false, staticDir: import.meta.dirname, access, log },
      findSession: async (token) => {
        const user = (Object.keys(TOKENS) as User[]).find((each) => TOKENS[each] === token);
        return user && { person: personOf(user), endsAt: new Date() };
      },
      health: { down: () => [] },
      groups: handlers.groups,
    }),
  );
  const url = `http://${server.address}/api/v1`;
  const ask = (user: User, method: string, path: string, signal?: AbortSignal) =>
    fetch(`${url}${path}`, {
      method,
      headers: {
        ...{ cookie: `__Host-sealtrack=${TOKENS[user]}`, 'x-csrf-token': csrfTokenOf(TOKENS[user]) },
      },
      ...(signal !== undefined && { signal }),
    });
  const owned = stack.move();
  return {
    ...{ system, url, ask },
    read: async (user, path) => await (await ask(user, 'GET', path)).json(),
    async follow(user, path) {
      const stop = new AbortController();
      const response = await ask(user, 'GET', path, stop.signal);
      const messages: unknown[] = [];
      const ended = readMessages(response, messages).catch(() => {});
      return { messages, response, ended, end: () => stop.abort() };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** With a certificate of its own, to sign with and to judge signatures by. */
export async function tlsOf({ ca }: SecureBus, party: string) {
  const own = await ca.issue(party);
  const files = { certificateFile: own.certificate, certificateKeyFile: own.certificateKey, crlFiles: [] };
  return openTls(
    {
      ...{ ...files, trustedCaFiles: [own.trustedCa], clients: 'mutual', targetNameCheck: true },
      minVersion: 'TLSv1.3',
    },
    noteLines().log,
  );
}

const personOf = (user: User): Person => ({
  ...{ user, groups: [], kind: 'local', names: [`user:${user}`] },
});

async function readMessages({ body }: Response, into: unknown[]): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body ?? []) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks)
      if (block.startsWith('data: ')) into.push(JSON.parse(block.slice('data: '.length)));
  }
}
