import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { createTally } from '@sealtrack/tls/tally';
import type { Proxies } from './proxies.ts';

/**
 * Closes connections of an address that has too many, before anything is read of them. Behind a trusted proxy are many
 * clients, so it has no limit of its own.
 */
export function limitConnections(server: Server, most: number, proxies: Proxies): Set<Socket> {
  const all = new Set<Socket>();
  const counts = createTally();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    if (counts.of(address) >= most && !proxies.has(address)) return void socket.destroy();
    const leave = counts.add(address);
    all.add(socket);
    socket.once('close', () => {
      all.delete(socket);
      leave();
    });
  });
  return all;
}
