import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kv } from '@sealtrack/bus/kv';
import { EncryptorStatus } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { type Connections, tlsVariables } from '@sealtrack/launcher/connections';
import { type ServiceProcess, startService } from '@sealtrack/launcher/service-process';
import { WORKSPACE } from '@sealtrack/launcher/workspace';

/** A folder, and the bus with what secures connections to it. */
export interface Place {
  readonly dir: string;
  readonly url: string;
  readonly connections: Connections;
}

/** A media-encryptor in a process of its own, as `name`. */
export async function startEncryptor(
  { dir, url, connections }: Place,
  name: string,
): Promise<ServiceProcess> {
  const own = join(dir, name);
  await mkdir(own, { recursive: true });
  const inherited = Object.entries(process.env).filter(([key]) => !key.startsWith('SEALTRACK_'));
  return await startService({
    name: 'media-encryptor',
    main: join(WORKSPACE, 'services/media-encryptor/main.ts'),
    env: {
      ...Object.fromEntries(inherited),
      ...tlsVariables(connections.filesOf('media-encryptor')),
      SEALTRACK_NATS_URL: url,
      SEALTRACK_MEDIA_STORE: `file://${own}/media`,
      SEALTRACK_STATE_DIR: join(own, 'state'),
      SEALTRACK_INSTANCE: name,
    },
    logFile: join(own, 'log'),
  });
}

/** MB that the process holds, and the most that it held. */
export function memoryOf({ pid }: ServiceProcess): { now: number; peak: number } {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) / 1_024;
  return { now: read('VmRSS'), peak: read('VmHWM') };
}

/** Follows what encryptors say of themselves. */
export function watchStatuses(kv: Kv, signal: AbortSignal) {
  const revisions = new Map<string, number>();
  let wake = (): void => {};
  const done = (async () => {
    for await (const { entries } of kv.watch({ signal })) {
      for (const { key, value } of entries)
        if (value !== undefined)
          revisions.set(
            key,
            Number(EncryptorStatus.fromJSON(JSON.parse(Buffer.from(value).toString())).revision),
          );
      wake();
    }
  })();
  return {
    done,
    /** What was said before does not count any more. */
    forget: () => revisions.clear(),
    /** Resolves when so many have a revision, or a newer one. */
    async reached(count: number, revision: number): Promise<void> {
      const have = () => [...revisions.values()].filter((each) => each >= revision).length;
      while (have() < count)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    },
  };
}
