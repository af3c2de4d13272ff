import type { LocalServer, LocalServerOptions } from '@sealtrack/local-servers/local-server';
import { startNats } from '@sealtrack/local-servers/start-nats';
import { startRedis } from '@sealtrack/local-servers/start-redis';
import { afterAll } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

/** A server of the test's own: kill(), restart() and stop() are all allowed; restart keeps port and data. */
export type TestServer = LocalServer;

/** Tests stop and wipe their servers, so one that somebody else runs is never used. */
const testEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  SEALTRACK_NATS_URL: '',
  SEALTRACK_REDIS_URL: '',
});

async function startIn(
  start: (options: LocalServerOptions) => Promise<LocalServer>,
): Promise<{ server: TestServer; end: () => Promise<void> }> {
  const folder = await temporaryFolder();
  const server = await start({ dir: folder.path, env: testEnvironment() });
  return {
    server,
    end: async () => {
      await server.stop();
      await folder.remove();
    },
  };
}

async function forThisFile(
  start: (options: LocalServerOptions) => Promise<LocalServer>,
): Promise<TestServer> {
  const starting = startIn(start);
  afterAll(async () => (await starting).end());
  return (await starting).server;
}

/**
 * A NATS server with JetStream for this test file, stopped and removed after its last test.
 * Call it where tests are declared: `const nats = await testNats();` at the top of the file or of a describe.
 */
export const testNats = (): Promise<TestServer> => forThisFile(startNats);

/** A Redis server for this test file; call it as {@link testNats}. */
export const testRedis = (): Promise<TestServer> => forThisFile(startRedis);
