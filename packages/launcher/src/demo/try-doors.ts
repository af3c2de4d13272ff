import { once } from 'node:events';
import { type ConnectionOptions, connect } from 'node:tls';
import { AppError } from '@sealtrack/errors/app-error';
import type { Tls } from '@sealtrack/tls/tls';

const WITHIN_MS = 5_000;

/**
 * Knocks at gRPC doors: with a certificate, which has to be let in, and without one, which has to be refused. Resolves to the
 * TLS versions that were spoken. Throws SERVICE_UNAVAILABLE at a door that is not closed, or not open, as it should be.
 */
export async function tryDoors(tls: Tls, addresses: readonly string[]): Promise<readonly string[]> {
  const versions = await Promise.all(
    addresses.map(async (address) => {
      const [host = '', port] = address.split(':');
      const version = await knock(address, { ...tls.client(host), host, port: Number(port) });
      const stranger = await knock(address, { host, port: Number(port), rejectUnauthorized: false });
      if (version === undefined) throw wrong(`${address} does not let the administrator in`);
      if (stranger !== undefined) throw wrong(`${address} lets in somebody who has no certificate`);
      return version;
    }),
  );
  return [...new Set(versions)];
}

/** The TLS version in which the server has begun to speak HTTP/2; undefined when it ends the connection instead. */
async function knock(address: string, options: ConnectionOptions): Promise<string | undefined> {
  const socket = connect({ ...options, ALPNProtocols: ['h2'], timeout: WITHIN_MS });
  socket.on('timeout', () => socket.destroy(new Error(`${address} says nothing`)));
  const spoke = once(socket, 'data').then(() => socket.getProtocol() ?? undefined);
  const ended = once(socket, 'close').then(() => undefined);
  const closed = () => undefined;
  try {
    // A refusal may come as an error before the end.
    return await Promise.race([spoke.catch(closed), ended.catch(closed)]);
  } finally {
    socket.destroy();
  }
}

const wrong = (message: string): AppError =>
  new AppError('SERVICE_UNAVAILABLE', message, { fix: 'Look into its log, and report this.' });
