import type { Http2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { peerNames } from '@sealtrack/tls/peer-names';

/** Who is at the other end of a connection that was let in. */
export interface Peer {
  /** DNS names of its verified certificate; none without one. */
  readonly names: readonly string[];
  /** What it speaks HTTP/2 in, from when that begins. */
  session?: Http2Session;
}

/** Of plaintext connections: nobody can say who that is. */
export const ANYBODY: Peer = { names: [] };

/** HTTP/2 shows its sockets through proxies only, so a map of sockets knows none of them; what is on a socket shows. */
const PEER = Symbol('peer');

/** Notes that a connection was let in. */
export function admit(socket: TLSSocket): Peer {
  const peer: Peer = { names: peerNames(socket) };
  Object.assign(socket, { [PEER]: peer });
  return peer;
}

/** Undefined for a connection that was never let in. */
export const peerOf = (socket: object): Peer | undefined => Reflect.get(socket, PEER) as Peer | undefined;

/** Undefined too for a session that is over. */
export function peerOfSession(session: Http2Session | undefined): Peer | undefined {
  if (session === undefined || session.destroyed) return undefined;
  return peerOf(session.socket);
}
