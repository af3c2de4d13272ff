import type { Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';

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
  const underWay = new Map<Socket, string>();
  const ofEach = new Map<string, number>();

  function end(socket: Socket): void {
    const address = underWay.get(socket);
    if (address === undefined) return;
    underWay.delete(socket);
    const left = (ofEach.get(address) ?? 1) - 1;
    if (left === 0) ofEach.delete(address);
    else ofEach.set(address, left);
  }

  // Before TLS's own listener, which makes a handshake of it.
  server.prependListener('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const already = ofEach.get(address) ?? 0;
    if (underWay.size >= ofAll || already >= ofAddress) {
      refused(socket);
      socket.destroy();
      return;
    }
    underWay.set(socket, address);
    ofEach.set(address, already + 1);
    socket.once('close', () => end(socket));
  });
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    const below: unknown = Reflect.get(socket, '_parent');
    if (below !== undefined) end(below as Socket);
  });
}
