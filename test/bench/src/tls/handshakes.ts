import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type ConnectionOptions, connect, createServer, type Server, type TlsOptions } from 'node:tls';

/** A server that is done as soon as it lets somebody in: only then does it say something. Resolves with its port. */
export async function serveHandshakes(
  options: TlsOptions,
  guard?: (server: Server) => void,
): Promise<number> {
  const server = createServer(options, (socket) => socket.on('error', () => {}).end('in'));
  guard?.(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** One connection, from the first packet until the server lets it in. */
export async function handshake(port: number, options: ConnectionOptions): Promise<void> {
  const socket = connect({ ...options, host: '127.0.0.1', port });
  const [said] = (await once(socket, 'data')) as [Buffer];
  if (String(said) !== 'in') throw new Error(`The server said ${said}`);
  socket.destroy();
}
