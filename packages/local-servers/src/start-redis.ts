import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAclFile } from '@sealtrack/authority/redis-acl-file';
import { type RedisPasswordFiles, readRedisPassword } from '@sealtrack/authority/redis-passwords';
import { AppError } from '@sealtrack/errors/app-error';
import { ask } from './ask.ts';
import {
  type LocalServer,
  type LocalServerOptions,
  type Place,
  type ServerTls,
  startLocalServer,
} from './local-server.ts';
import { placeCertificate } from './place-certificate.ts';
import { REDIS } from './server-kinds.ts';
import { WORKSPACE } from './workspace.ts';

const CONFIG_FILE = 'redis.conf';
const USERS_FILE = 'users.acl';

export interface RedisOptions extends LocalServerOptions {
  /**
   * With it, clients need a certificate, and the password of a user of `users.acl` in `dir`: made of
   * deploy/redis/users.acl and `passwords`. Redis reads that file again when it is told to (ACL LOAD), and its
   * certificate when it starts.
   */
  readonly tls?: ServerTls | undefined;
  /** Required with `tls`: see redis-passwords.ts. */
  readonly passwords?: RedisPasswordFiles | undefined;
}

/** What a Redis that is asked for its state has to be told first, and how it is spoken to. */
export interface RedisProbe {
  readonly tls: ServerTls['probe'];
  readonly password: Buffer;
}

/**
 * How a Redis writes every change to disk before it answers, and gets a name. The latter is a setting for syslog, which
 * is off: it carries a free text, and so tells this server from another that may have taken its port.
 */
export const redisSettings = (name: string): readonly string[] => [
  ...['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''],
  ...['--protected-mode', 'no', '--syslog-ident', name],
];

/** Whether the Redis on a loopback port is the one called `name`, and has loaded its data. */
export async function redisIsReady(port: number, name: string, probe?: RedisProbe): Promise<boolean> {
  const login = probe === undefined ? '' : `AUTH operator ${probe.password.toString('latin1')}\r\n`;
  // PING is refused while Redis still loads its data, CONFIG is not.
  const request = `${login}CONFIG GET syslog-ident\r\nPING\r\n`;
  const answer = await ask(port, request, (text) => /\+PONG\r\n|-LOADING|-NOAUTH/.test(text), {
    tls: probe?.tls,
  });
  return answer?.includes(name) === true && answer.includes('+PONG');
}

/** deploy/redis/redis.conf for this place. In a file: there, a path may have spaces. */
async function secure(place: Place, tls: ServerTls, passwords: RedisPasswordFiles): Promise<void> {
  const rules = await readFile(join(WORKSPACE, 'deploy/redis', USERS_FILE), 'utf8');
  const read = Object.entries(passwords).map(async ([user, file]) => [user, await readRedisPassword(file)]);
  const users = createAclFile(rules, Object.fromEntries(await Promise.all(read)));
  await writeFile(join(place.hostDir, USERS_FILE), users, { mode: 0o600 });
  const { certificate, certificateKey, trustedCa } = await placeCertificate(tls, place);
  const deployed = await readFile(join(WORKSPACE, 'deploy/redis', CONFIG_FILE), 'utf8');
  const own = [
    ['tls-port', String(place.port)],
    ['tls-cert-file', certificate],
    ['tls-key-file', certificateKey],
    ['tls-ca-cert-file', trustedCa],
    ['aclfile', USERS_FILE],
  ].map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  // The last of a setting counts, but Redis goes to each folder as it reads of it.
  const text = [deployed.replace(/^dir .*$/m, ''), ...own, ''].join('\n');
  await writeFile(join(place.hostDir, CONFIG_FILE), text, { mode: 0o600 });
}

/**
 * Starts redis-server (or valkey-server) with its data in `dir`: every write is on disk before it is answered.
 * Errors: INDEX_UNAVAILABLE, CONFIG_INVALID for `tls` without `passwords`.
 */
export async function startRedis(options: RedisOptions): Promise<LocalServer> {
  const { tls, passwords } = options;
  if (tls !== undefined && passwords === undefined)
    throw new AppError('CONFIG_INVALID', 'A Redis with TLS needs passwords for its users', {
      fix: 'Make them with ensureRedisPasswords, and name their files.',
    });
  const probe =
    tls === undefined || passwords === undefined
      ? undefined
      : { tls: tls.probe, password: await readRedisPassword(passwords.operator) };
  return startLocalServer(
    {
      kind: REDIS,
      ...(tls === undefined ? {} : { scheme: 'rediss' }),
      arguments: async (place) => {
        // The working folder is the server's folder; a path with spaces would be cut apart here by old versions.
        const own = ['--bind', place.host, '--dir', '.', ...redisSettings(place.name)];
        if (tls === undefined || passwords === undefined) return ['--port', String(place.port), ...own];
        await secure(place, tls, passwords);
        return [CONFIG_FILE, ...own];
      },
      isReady: (port, name) => redisIsReady(port, name, probe),
    },
    options,
  );
}
