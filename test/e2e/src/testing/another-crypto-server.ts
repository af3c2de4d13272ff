import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CertificateServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { tlsVariables } from '@sealtrack/launcher/connections';
import type { Doors } from '@sealtrack/launcher/demo/doors';
import { redisVariables } from '@sealtrack/launcher/redis-variables';
import { type ServiceProcess, startService } from '@sealtrack/launcher/service-process';
import { WORKSPACE } from '@sealtrack/launcher/workspace';
import { startRedis } from '@sealtrack/local-servers/start-redis';
import { connectRpc } from '@sealtrack/rpc/client';
import { createUnsealKeyFile } from '@sealtrack/sealed-store/unseal-key';
import type { TestSystem } from './test-system.ts';

export interface AnotherCryptoServer extends AsyncDisposable {
  readonly service: ServiceProcess;
  readonly certificates: Doors['certificates'];
  readonly decryption: Doors['decryption'];
}

/** One more crypto server of a system, with a Redis, an unseal key and so private keys of its own. */
export async function anotherCryptoServer(
  { system, dir }: Pick<TestSystem, 'system' | 'dir'>,
  name: string,
  env: Readonly<Record<string, string>> = {},
): Promise<AnotherCryptoServer> {
  await using stack = new AsyncDisposableStack();
  const { connections, addresses } = system;
  const home = join(dir, name);
  await mkdir(home, { mode: 0o700 });
  const unsealKeyFile = join(home, 'unseal.key');
  await createUnsealKeyFile(unsealKeyFile);
  const redis = stack.use(
    await startRedis({
      dir: join(home, 'redis'),
      env: { ...process.env, SEALTRACK_REDIS_URL: '' },
      tls: connections.serverTls('redis'),
      passwords: connections.redisPasswords,
    }),
  );
  const inherited = Object.entries(process.env).filter(([variable]) => !variable.startsWith('SEALTRACK_'));
  const service = stack.use(
    await startService({
      name,
      main: join(WORKSPACE, 'services/crypto-server/main.ts'),
      env: {
        ...Object.fromEntries(inherited),
        ...tlsVariables(connections.filesOf('crypto-server')),
        ...redisVariables('crypto-server', redis, connections),
        SEALTRACK_NATS_URL: system.natsUrl,
        SEALTRACK_UNSEAL_KEY_FILE: unsealKeyFile,
        SEALTRACK_BACKUP_DIR: join(home, 'key-backups'),
        SEALTRACK_METADATA_ADDRESS: addresses.recordings,
        SEALTRACK_MEDIA_STORE: pathToFileURL(join(dir, 'media')).href,
        ...env,
      },
      logFile: join(dir, 'logs', `${name}.log`),
    }),
  );
  const as = async (party: 'administrator' | 'player') => ({
    transport: await connections.transportOf(party),
  });
  const { address } = service;
  const certificates = stack.use(
    connectRpc(CertificateServiceDefinition, address, await as('administrator')),
  );
  const decryption = stack.use(connectRpc(DecryptionServiceDefinition, address, await as('player')));
  const owned = stack.move();
  return { service, certificates, decryption, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
