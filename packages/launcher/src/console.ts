import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalServer } from '@sealtrack/local-servers/local-server';
import type { Connections } from './connections.ts';
import { redisVariables } from './redis-variables.ts';
import type { ServiceProcess } from './service-process.ts';

/** The console of a system, for people with a browser. */
export interface Console {
  readonly service: ServiceProcess;
  /** http:// or https://, and its address. */
  readonly url: string;
  /** The link with which the first account is made is in it, while there is no account: for the owner of the file only. */
  readonly setupLinkFile: string;
}

export interface ConsoleParts {
  /** Of the system. */
  readonly dir: string;
  readonly redis: LocalServer;
  readonly connections: Connections;
  readonly addresses: Readonly<Record<'ingest' | 'recordings' | 'crypto' | 'profiles', string>>;
  start(name: 'console', variables: NodeJS.ProcessEnv): Promise<ServiceProcess>;
}

/** Starts it, once what it asks is there. */
export async function startConsole(parts: ConsoleParts): Promise<Console> {
  const { dir, redis, connections, addresses } = parts;
  const setupLinkFile = join(dir, 'keys/console-setup-link');
  // Of a run before, it would open nothing.
  await rm(setupLinkFile, { force: true });
  const service = await parts.start('console', {
    ...redisVariables('console', redis, connections),
    SEALTRACK_METADATA_ADDRESS: addresses.recordings,
    SEALTRACK_PROFILES_ADDRESS: addresses.profiles,
    SEALTRACK_CRYPTO_ADDRESSES: addresses.crypto,
    SEALTRACK_INGEST_ADDRESSES: addresses.ingest,
    SEALTRACK_SETUP_LINK_FILE: setupLinkFile,
  });
  const scheme = connections.filesOf('console') === undefined ? 'http' : 'https';
  return { service, url: `${scheme}://${service.address}`, setupLinkFile };
}
