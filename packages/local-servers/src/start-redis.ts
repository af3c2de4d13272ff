import { ask } from './ask.ts';
import { type LocalServer, type LocalServerOptions, startLocalServer } from './local-server.ts';
import { REDIS } from './server-kinds.ts';

/**
 * Starts redis-server (or valkey-server) with its data in `dir`: every write is on disk before it is answered.
 * Errors: INDEX_UNAVAILABLE.
 */
export const startRedis = (options: LocalServerOptions): Promise<LocalServer> =>
  startLocalServer(
    {
      kind: REDIS,
      arguments: async ({ name, host, port }) => [
        ...['--bind', host, '--port', String(port), '--protected-mode', 'no'],
        // The working folder is the server's folder; a path with spaces would be cut apart here by old versions.
        ...['--dir', '.', '--appendonly', 'yes', '--appendfsync', 'always', '--save', ''],
        // Not for syslog: it is a setting that carries a free text, by which this server can be told from another.
        ...['--syslog-ident', name],
      ],
      isReady: async (port, name) => {
        // PING is refused while Redis still loads its data, CONFIG is not.
        const request = 'CONFIG GET syslog-ident\r\nPING\r\n';
        const answer = await ask(port, request, (text) => /\+PONG\r\n|-LOADING/.test(text));
        return answer?.includes(name) === true && answer.includes('+PONG');
      },
    },
    options,
  );
