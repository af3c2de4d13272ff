import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Proxies } from './proxies.ts';

/**
 * Closes connections of an address that has too many, before anything is read of them. Behind a trusted proxy are many
 * clients, so it has no limit of its own.
 */
export function limitConnections(server: Server, most: number, proxies: Proxies): Set<Socket> {
  const all = new Set<Socket>();
  const counts = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const count = (counts.get(address) ?? 0) + 1;
    if (count > most && !proxies.has(address)) return void socket.destroy();
    counts.set(address, count);
    all.add(socket);
    socket.once('close', () => {
      all.delete(socket);
      const left = (counts.get(address) ?? 1) - 1;
      if (left === 0) counts.delete(address);
      else counts.set(address, left);
    });
  });
  return all;
}
