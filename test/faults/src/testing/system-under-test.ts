import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createSelfSigned, type SelfSigned } from '@sealtrack/certificates/self-signed';
import { tlsVariables } from '@sealtrack/launcher/connections';
import { type Doors, openDoors } from '@sealtrack/launcher/demo/doors';
import { type ServiceProcess, startService } from '@sealtrack/launcher/service-process';
import { type ServiceName, type System, type SystemOptions, startSystem } from '@sealtrack/launcher/system';
import { WORKSPACE } from '@sealtrack/launcher/workspace';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, afterEach } from 'vitest';
import { until } from './until.ts';

/** How long the bus waits for an encryptor or a processor that fell silent, here: so much of each test is waiting. */
export const ACK_WAIT_MS = 3_000;

export interface SystemUnderTest extends System {
  readonly doors: Doors;
  /** All that the system keeps is in here. */
  readonly dir: string;
  readonly mediaDir: string;
  /** One for all tenants: making a key takes longer than most tests. */
  readonly certificate: SelfSigned;
  /** Resolves with the exit code of a service that ends by itself, a signal from outside included. */
  exitOf(service: ServiceName): Promise<number>;
  /** One more media-encryptor, with the environment of the first, or beside it: the caller's to stop. */
  startEncryptor(env?: Readonly<Record<string, string>>): Promise<ServiceProcess>;
}

const QUICK: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'media-encryptor': {
    // Of its own, so that one that is killed and started again is not waited for as somebody else who fell silent.
    SEALTRACK_INSTANCE: 'encryptor-1',
    SEALTRACK_CAPTURE_ACK_WAIT_MS: String(ACK_WAIT_MS),
    SEALTRACK_CAPTURE_BACKOFF_MS: '200,500,1000,2000,2000',
  },
  'metadata-processor': { SEALTRACK_EVENT_ACK_WAIT_MS: String(ACK_WAIT_MS) },
};

/**
 * A whole system in a folder of its own for this test file, ended and removed after its last test. To be called where
 * tests are declared. `prepare` may put something into the folder first.
 */
export async function systemUnderTest(
  options: { env?: SystemOptions['env']; prepare?: (dir: string) => Promise<AsyncDisposable> } = {},
): Promise<SystemUnderTest> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const { path: dir } = folder;
  if (options.prepare !== undefined) stack.use(await options.prepare(dir));
  const ended = new Map<string, number>();
  const environmentOf = (name: ServiceName) => ({ ...QUICK[name], ...options.env?.[name] });
  const system = stack.use(
    await startSystem({
      dir,
      // Servers that somebody else runs are not ours to kill.
      nats: '',
      redis: '',
      env: {
        'media-encryptor': environmentOf('media-encryptor'),
        'metadata-processor': environmentOf('metadata-processor'),
      },
      onUnexpectedExit: (service, code) => ended.set(service, code),
    }),
  );
  const doors = stack.use(await openDoors(system));
  const certificate = await createSelfSigned({ commonName: 'Fault tests' });
  const owned = stack.move();
  afterAll(() => owned.disposeAsync());
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await showLogs(dir, task.name);
  });

  const mediaDir = join(dir, 'media');
  let encryptors = 1;
  return {
    ...system,
    doors,
    dir,
    mediaDir,
    certificate,
    exitOf: (service) => {
      ended.delete(service);
      return until(`${service} has ended`, () => ended.get(service), 40_000);
    },
    startEncryptor: (env = {}) => {
      encryptors += 1;
      return startService({
        name: 'media-encryptor',
        main: join(WORKSPACE, 'services/media-encryptor/main.ts'),
        env: {
          PATH: process.env.PATH,
          UV_THREADPOOL_SIZE: '16',
          SEALTRACK_NATS_URL: system.natsUrl,
          ...tlsVariables(system.connections.filesOf('media-encryptor')),
          SEALTRACK_MEDIA_STORE: pathToFileURL(mediaDir).href,
          SEALTRACK_CRYPTO_ADDRESS: system.addresses.crypto,
          ...environmentOf('media-encryptor'),
          SEALTRACK_INSTANCE: `encryptor-${encryptors}`,
          ...env,
        },
        logFile: join(dir, 'logs', `media-encryptor-${encryptors}.log`),
      });
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const SHOWN_LINES = 40;
const ROUTINE = '"msg":"rpc"';

/** The folder goes with the test file, and its logs with it. */
async function showLogs(dir: string, test: string): Promise<void> {
  for (const name of await readdir(join(dir, 'logs'))) {
    const written = (await readFile(join(dir, 'logs', name), 'utf8')).trimEnd().split('\n');
    const lines = written.filter((line) => !line.includes(ROUTINE));
    process.stderr.write(`--- ${name} at the end of "${test}"\n${lines.slice(-SHOWN_LINES).join('\n')}\n`);
  }
}
