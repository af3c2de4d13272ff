import { dockerAnswers } from '@sealtrack/local-servers/docker';
import { findExecutable } from '@sealtrack/local-servers/executables';
import type { LocalServer, LocalServerOptions } from '@sealtrack/local-servers/local-server';
import { NATS, REDIS, type ServerKind } from '@sealtrack/local-servers/server-kinds';
import { startNats } from '@sealtrack/local-servers/start-nats';
import { startRedis } from '@sealtrack/local-servers/start-redis';
import { afterAll } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

/** A server of the test's own: kill(), restart() and stop() are all allowed; restart keeps port and data. */
export type TestServer = LocalServer;

/**
 * A NATS server with JetStream for this test file, stopped and removed after its last test.
 * Call it where tests are declared: `const nats = await testNats();` at the top of the file or of a describe.
 */
export const testNats = (): Promise<TestServer> => forThisFile(startTestNats());

/** A Redis server for this test file; call it as {@link testNats}. */
export const testRedis = (): Promise<TestServer> => forThisFile(startTestRedis());

/** A NATS server that lasts until it is disposed. */
export async function startTestNats(): Promise<TestServer> {
  if (!inContainer(NATS)) return startWithFolder(startNats);
  const { startNatsContainer } = await import('./containers.ts');
  return startNatsContainer();
}

/** A Redis server that lasts until it is disposed. */
export async function startTestRedis(): Promise<TestServer> {
  if (!inContainer(REDIS)) return startWithFolder(startRedis);
  const { startRedisContainer } = await import('./containers.ts');
  return startRedisContainer();
}

async function forThisFile(starting: Promise<TestServer>): Promise<TestServer> {
  afterAll(async () => (await starting)[Symbol.asyncDispose]());
  return await starting;
}

/** Containers when asked for, or when there is nothing quicker: a program starts in a fiftieth of the time. */
const inContainer = (kind: ServerKind): boolean =>
  process.env.SEALTRACK_TEST_SERVERS === 'containers' ||
  (findExecutable(kind.executables) === undefined && dockerAnswers());

async function startWithFolder(
  start: (options: LocalServerOptions) => Promise<LocalServer>,
): Promise<TestServer> {
  const folder = await temporaryFolder();
  // Tests stop and wipe their servers, so one that somebody else runs is never used.
  const env = { ...process.env, [NATS.urlVariable]: '', [REDIS.urlVariable]: '' };
  const server = await start({ dir: folder.path, env });
  const { url, stop, kill, restart } = server;
  return {
    url,
    get pid() {
      return server.pid;
    },
    stop,
    kill,
    restart,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await folder.remove();
    },
  };
}
