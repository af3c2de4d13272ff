import { join } from 'node:path';
import type { LocalServer } from '@sealtrack/local-servers/local-server';
import { startNats } from '@sealtrack/local-servers/start-nats';
import { type TemporaryFolder, temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { createTestCa, type TestCa, testTls } from '@sealtrack/testkit/test-ca';
import type { Bus } from '../bus.ts';
import { type ConnectOptions, connectBus } from '../connect.ts';

export const USERS = [
  'media-encryptor',
  'metadata-processor',
  'crypto-server',
  'profile-config',
  'console',
  'administrator',
  'pipeline',
  'auditor',
] as const;
export type User = (typeof USERS)[number];

/** A nats-server with TLS and the users of deploy/nats/users.conf, and a certificate for whoever comes. */
export interface SecureBus extends AsyncDisposable {
  readonly server: LocalServer;
  readonly ca: TestCa;
  /** Of the server: nats.conf, users.conf, nats.log. */
  readonly dir: string;
  readonly folder: TemporaryFolder;
  /** The bus as the user, with a certificate of its own. Closed with all of this. */
  as(user: string, options?: Partial<ConnectOptions>): Promise<Bus>;
}

export async function secureBus(): Promise<SecureBus> {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const dir = join(folder.path, 'nats');
  const ca = await createTestCa(folder.path);
  const tls = { ...(await ca.issue('nats')), probe: await ca.issue('administrator') };
  const env = { ...process.env, SEALTRACK_NATS_URL: '' };
  const server = stack.use(await startNats({ dir, env, tls }));
  const issued = new Map<string, ReturnType<TestCa['issue']>>();
  const certificateOf = (user: string) => {
    const files = issued.get(user) ?? ca.issue(user);
    issued.set(user, files);
    return files;
  };
  return {
    ...{ server, ca, dir, folder },
    as: async (user, options) =>
      stack.use(
        await connectBus({
          transport: testTls(await certificateOf(user)),
          url: server.url,
          name: user,
          ...options,
        }),
      ),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
