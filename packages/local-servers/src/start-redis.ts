import { ask } from './ask.ts';
import {
  type LocalServer,
  type LocalServerOptions,
  type ServerTls,
  startLocalServer,
} from './local-server.ts';
import type { RedisPasswordFiles } from './redis-passwords.ts';
import { REDIS } from './server-kinds.ts';

/**
 * How a Redis writes every change to disk before it answers, and gets a name. The latter is a setting for syslog, which
 * is off: it carries a free text, and so tells this server from another that may have taken its port.
 */
export const redisSettings = (name: string): readonly string[] => [
  ...['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''],
  ...['--protected-mode', 'no', '--syslog-ident', name],
];

/** Whether the Redis on a loopback port is the one called `name`, and has loaded its data. */
export async function redisIsReady(port: number, name: string): Promise<boolean> {
  // PING is refused while Redis still loads its data, CONFIG is not.
  const request = 'CONFIG GET syslog-ident\r\nPING\r\n';
  const answer = await ask(port, request, (text) => /\+PONG\r\n|-LOADING/.test(text));
  return answer?.includes(name) === true && answer.includes('+PONG');
}

export interface RedisOptions extends LocalServerOptions {
  /** With it, clients need a certificate, and a user of deploy/redis/users.acl with its password. */
  readonly tls?: ServerTls | undefined;
  /** Files with the passwords of the users: see redis-passwords.ts. Required with `tls`. */
  readonly passwords?: RedisPasswordFiles | undefined;
}

/**
 * Starts redis-server (or valkey-server) with its data in `dir`: every write is on disk before it is answered.
 * Errors: INDEX_UNAVAILABLE.
 */
export const startRedis = (options: RedisOptions): Promise<LocalServer> =>
  startLocalServer(
    {
      kind: REDIS,
      arguments: async ({ name, host, port }) => [
        ...['--bind', host, '--port', String(port)],
        // The working folder is the server's folder; a path with spaces would be cut apart here by old versions.
        ...['--dir', '.'],
        ...redisSettings(name),
      ],
      isReady: redisIsReady,
    },
    options,
  );
