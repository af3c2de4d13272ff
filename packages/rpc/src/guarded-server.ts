import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { ServerHttp2Session } from 'node:http2';
import { Server, type TLSSocket } from 'node:tls';
import { ServerCredentials } from '@grpc/grpc-js';
import { createTally } from '@sealtrack/tls/tally';
import type { Tls } from '@sealtrack/tls/tls';
import type { RpcLog } from './log.ts';
import { admit, peerOf, peerOfSession } from './peer.ts';

type Open = Parameters<ServerCredentials['_addWatcher']>[0];

/** Of servers that let nobody in before they are guarded: grpc-js drops every connection while it has no secure context. */
class GuardedCredentials extends ServerCredentials {
  readonly #tls: Tls;
  /** Gives a server its secure context, once for each that was made and is not guarded yet. */
  #closed: Open[] = [];

  constructor(tls: Tls) {
    super(tls.server());
    this.#tls = tls;
  }

  override _getSecureContextOptions(): null {
    return null;
  }

  override _addWatcher(open: Open): void {
    this.#closed.push(open);
  }

  override _removeWatcher(open: Open): void {
    this.#closed = this.#closed.filter((other) => other !== open);
  }

  /** grpc-js has a server listen as soon as it has made it, so what is closed is the one that was guarded. */
  open(): void {
    for (const open of this.#closed.splice(0)) open(this.#tls.server());
  }

  override _equals(other: ServerCredentials): boolean {
    return other === this;
  }
}

/** Says GOAWAY: streams in flight end by themselves, and new ones have to come over a new connection. */
function retire(socket: TLSSocket): void {
  const session = peerOf(socket)?.session;
  if (session === undefined) socket.destroy();
  else session.close();
}

/** Connections of one caller. Hosts may share a certificate, and each has one or a few; each takes some 100 KB here. */
const MAX_CONNECTIONS = 1_000;

function guard(server: Server, tls: Tls, log: RpcLog, maxConnections: number): void {
  const { requestCert = false } = tls.server();
  const connections = createTally();
  // Before HTTP/2's own listener, and so for those only whom the guard lets through to either.
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    if (!socket.authorized && requestCert) return void socket.destroy();
    const { names } = admit(socket);
    const caller = names.join(' ') || String(socket.remoteAddress);
    if (connections.of(caller) >= maxConnections) {
      const peer = `${socket.remoteAddress}:${socket.remotePort}`;
      log.warn({ peer, problem: 'too-many-connections', names }, 'a peer was refused');
      return void socket.destroy();
    }
    socket.once('close', connections.add(caller));
  });
  server.on('session', (session: ServerHttp2Session) => {
    const peer = peerOfSession(session);
    if (peer === undefined) session.destroy();
    else peer.session = session;
  });
  server.on('unknownProtocol', (socket: TLSSocket) => {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    const names = peerOf(socket)?.names;
    log.warn({ peer, problem: 'no-http2', reason: 'it does not speak HTTP/2', names }, 'a peer was refused');
    socket.destroy();
  });
  tls.guard(server, { retire });
}

const starting = new AsyncLocalStorage<(server: Server) => void>();

// grpc-js keeps its HTTP/2 servers to itself; this channel shows each server of the process just before it listens.
subscribe('tracing:net.server.listen:asyncStart', (message) => {
  const { server } = message as { readonly server: unknown };
  if (server instanceof Server) starting.getStore()?.(server);
});

/**
 * Has `listen` start a gRPC server with credentials whose TLS servers (one for each address that a name stands for) are
 * all guarded before they listen. Rejects with what `listen` rejects with, or when there was none to guard; what
 * listens unguarded drops every connection.
 */
export async function listenGuarded<Result>(
  tls: Tls,
  log: RpcLog,
  listen: (credentials: ServerCredentials) => Promise<Result>,
  maxConnections = MAX_CONNECTIONS,
): Promise<Result> {
  const credentials = new GuardedCredentials(tls);
  let guarded = 0;
  let over = false;
  const onStart = (server: Server) => {
    // Whoever connects later runs in this context too, and may start servers that are no business of this one.
    if (over) return;
    guard(server, tls, log, maxConnections);
    credentials.open();
    guarded += 1;
  };
  try {
    const result = await starting.run(onStart, () => listen(credentials));
    if (guarded > 0) return result;
  } finally {
    over = true;
  }
  throw new Error(
    'This version of Node or of grpc-js starts servers in another way: see packages/rpc/src/guarded-server.ts',
  );
}
