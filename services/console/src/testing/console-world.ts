import { BUILT_IN_POLICY } from '@sealtrack/access/built-in-policy';
import { createAccess } from '@sealtrack/access/create-access';
import { createProxies } from '@sealtrack/media-http/proxies';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { connectServices } from '../adapters/connect-services.ts';
import { startConsoleServer } from '../adapters/http-server.ts';
import { createServiceHandlers } from '../adapters/service-handlers.ts';
import { csrfTokenOf } from '../domain/csrf-token.ts';
import type { Person } from '../person.ts';
import { type StubServices, startStubServices } from './stub-services.ts';

export const ALICE: Person = {
  ...{ user: 'alice', groups: ['administrators', 'auditors', 'players'], kind: 'local' },
  names: ['user:alice', 'group:administrators', 'group:auditors', 'group:players'],
};
const TOKEN = 'a'.repeat(43);
const SESSION = { cookie: `__Host-sealtrack=${TOKEN}`, 'x-csrf-token': csrfTokenOf(TOKEN) };

/** A console in front of stubs, in which Alice, who may do everything, is signed in. */
export interface ConsoleWorld extends StubServices {
  /** Of the tenant demo: http://127.0.0.1:port/api/v1/tenants/demo. */
  readonly url: string;
  readonly lines: ReturnType<typeof noteLines>['lines'];
  /** @param path below `url`. An object is sent as JSON, a form as multipart/form-data. */
  ask(method: string, path: string, body?: object, init?: RequestInit): Promise<Response>;
  /** What is answered, and its status. */
  read(
    method: string,
    path: string,
    body?: object,
  ): Promise<{ readonly status: number; readonly json: unknown }>;
}

export async function startConsoleWorld(): Promise<ConsoleWorld> {
  const stubs = await startStubServices();
  const { log, lines } = noteLines();
  const services = connectServices(
    {
      profilesAddress: stubs.profiles.address,
      metadataAddress: stubs.metadata.address,
      cryptoAddresses: [stubs.crypto.address],
    },
    { transport: PLAINTEXT, log },
  );
  const server = await startConsoleServer({
    ...{ listen: '127.0.0.1:0', transport: PLAINTEXT, maxConnections: 100, connectionsPerAddress: 100 },
    ...{ proxies: createProxies({ proxies: [], header: 'forwarded' }), proxyHeader: 'forwarded' },
    ...{ origin: undefined, isHttps: false, staticDir: import.meta.dirname, log },
    access: createAccess({ policy: () => BUILT_IN_POLICY, where: 'in a test' }),
    findSession: async () => ({ person: ALICE, endsAt: new Date() }),
    health: { down: () => [] },
    groups: createServiceHandlers(services, log),
  });
  const url = `http://${server.address}/api/v1/tenants/demo`;
  const ask: ConsoleWorld['ask'] = (method, path, body, init = {}) => {
    const isForm = body instanceof FormData;
    const type: Record<string, string> =
      body === undefined || isForm ? {} : { 'content-type': 'application/json' };
    return fetch(`${url}${path}`, {
      ...{ method, ...init },
      headers: { ...SESSION, ...type, ...(init.headers as Record<string, string>) },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    });
  };
  return Object.assign(stubs, {
    ...{ url, lines, ask },
    async read(method: string, path: string, body?: object) {
      const response = await ask(method, path, body);
      return { status: response.status, json: await response.json() };
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await services[Symbol.asyncDispose]();
      await Promise.all([stubs.crypto, stubs.profiles, stubs.metadata].map((each) => each.close()));
    },
  });
}
