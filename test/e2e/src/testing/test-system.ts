import { join } from 'node:path';
import { type Doors, openDoors } from '@sealtrack/launcher/demo/doors';
import { type AnyService, type System, startSystem } from '@sealtrack/launcher/system';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll } from 'vitest';

export interface TestSystem {
  readonly system: System;
  /** All that the system keeps is in here. */
  readonly dir: string;
  readonly doors: Doors;
  /** The exit codes of services that ended by themselves, or by a signal that did not come through `system`. */
  readonly exits: readonly { readonly service: AnyService; readonly code: number }[];
}

type ServiceEnvironment = NonNullable<Parameters<typeof startSystem>[0]['env']>;

// As bootstrap.mjs has it. Compiling all of its sources costs a service 30 MB that it never gives back.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '../../../../node_modules/.cache/node');

/** Patient enough for news that are on their way, and short enough for a test to see a capture given up. */
const BACKOFF_MS = '50,100,200,200';

/**
 * NATS, Redis and the five services in a folder of their own, ended after the last test of the file. Call it where
 * tests are declared: `const { doors } = await systemForThisFile();`. As a function, `wanted` may put something into the
 * folder first.
 */
export async function systemForThisFile(
  wanted: ServiceEnvironment | ((dir: string) => Promise<ServiceEnvironment>) = {},
): Promise<TestSystem> {
  const stack = new AsyncDisposableStack();
  afterAll(() => stack.disposeAsync());
  const { path: dir } = stack.use(await temporaryFolder());
  const env = typeof wanted === 'function' ? await wanted(dir) : wanted;
  const exits: { service: AnyService; code: number }[] = [];
  const system = stack.use(
    await startSystem({
      dir,
      // Servers that somebody else runs are not for tests, whatever the environment names.
      nats: '',
      redis: '',
      env: {
        ...env,
        'media-encryptor': {
          SEALTRACK_CAPTURE_BACKOFF_MS: BACKOFF_MS,
          SEALTRACK_INSTANCE: 'encryptor',
          ...env['media-encryptor'],
        },
      },
      onUnexpectedExit: (service, code) => void exits.push({ service, code }),
    }),
  );
  const doors = stack.use(await openDoors(system));
  return { system, dir, doors, exits };
}
