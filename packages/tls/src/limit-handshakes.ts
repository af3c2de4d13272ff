import type { Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';
import { createTally } from './tally.ts';

/** Handshakes that may be under way: each costs milliseconds, and whoever begins one has shown nothing yet. */
export interface HandshakeLimits {
  readonly ofAddress: number;
  readonly ofAll: number;
}

/** Clients of one address that all come back at once are let in within moments, since they try again. */
export const HANDSHAKE_LIMITS: HandshakeLimits = { ofAddress: 64, ofAll: 256 };

/**
 * Closes what comes while as many handshakes are under way as may be, before anything is done for it.
 * @param refused told of each.
 */
export function limitHandshakes(
  server: Server,
  { ofAddress, ofAll }: HandshakeLimits,
  refused: (socket: Socket) => void,
): void {
  /** Each with what takes it out of the count of its address. */
  const underWay = new Map<Socket, () => void>();
  const ofEach = createTally();

  function end(socket: Socket): void {
    underWay.get(socket)?.();
    underWay.delete(socket);
  }

  // Before TLS's own listener, which makes a handshake of it.
  server.prependListener('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    if (underWay.size >= ofAll || ofEach.of(address) >= ofAddress) {
      refused(socket);
      socket.destroy();
      return;
    }
    underWay.set(socket, ofEach.add(address));
    socket.once('close', () => end(socket));
  });
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    const below: unknown = Reflect.get(socket, '_parent');
    if (below !== undefined) end(below as Socket);
  });
}
