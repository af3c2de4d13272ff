import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls';
import type { GuardOptions, Tls } from '../tls.ts';

export interface Listening extends AsyncDisposable {
  readonly port: number;
  readonly server: Server;
  /** Who got to the server's own listener. */
  readonly admitted: TLSSocket[];
}

/** A bare TLS server on loopback that answers whatever is said to it, and stays. */
export async function listenTls(tls: Tls, more: TlsOptions = {}, options?: GuardOptions): Promise<Listening> {
  const server = createServer({ ...tls.server(), ...more });
  const admitted: TLSSocket[] = [];
  tls.guard(server, options);
  // Behind the guard, though added after it.
  server.on('secureConnection', (socket) => {
    admitted.push(socket);
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    server,
    admitted,
    async [Symbol.asyncDispose]() {
      for (const socket of admitted) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
