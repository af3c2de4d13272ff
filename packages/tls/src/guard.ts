import type { Socket } from 'node:net';
import type { Server, TLSSocket, TlsOptions } from 'node:tls';
import { DerError } from '@sealtrack/certificates/der';
import { certificateFacts } from './certificate-facts.ts';
import type { Judge, Refusal } from './judge.ts';
import { HANDSHAKE_LIMITS, limitHandshakes } from './limit-handshakes.ts';
import { type PeerChain, peerChain, readPeerChains } from './peer-chain.ts';
import { dnsNamesOf, keepPeerNames } from './peer-names.ts';
import { codeOf, tlsReason } from './reasons.ts';
import type { RefusalLog } from './refusal-log.ts';
import type { GuardOptions } from './tls.ts';

export interface GuardParts {
  readonly judge: Judge;
  readonly refusals: RefusalLog;
  readonly clients: 'mutual' | 'simple';
  readonly options: () => TlsOptions;
}

export interface Guard {
  /** New connections meet what is in the files now. */
  renew(): void;
  /** Looks at those again that are there. */
  judgeAgain(): void;
}

interface Peer {
  readonly chain: PeerChain;
  readonly address: string;
  isRetired: boolean;
}

const FAILED = 'a TLS handshake failed';

/**
 * Stands before a server's own listeners, whenever those are added: only who is believed gets to them. `whenClosed` is
 * called when the server was closed.
 */
export function guardServer(
  server: Server,
  { judge, refusals, clients, options }: GuardParts,
  { retire = (socket) => void socket.destroy(), handshakes = HANDSHAKE_LIMITS }: GuardOptions,
  whenClosed: () => void,
): Guard {
  const peers = new Map<TLSSocket, Peer>();
  const chainOf = clients === 'mutual' ? readPeerChains(server) : () => undefined;

  function refuse(socket: TLSSocket, refusal: Refusal, certificate?: object): false {
    refusals.say('warn', { peer: addressOf(socket), ...refusal, certificate }, 'a peer was refused');
    socket.destroy();
    return false;
  }

  function admit(socket: TLSSocket): boolean {
    // Whoever has the socket may be without a listener when it breaks, and its process would end for that.
    socket.on('error', () => {});
    if (clients === 'simple') return true;
    let chain: PeerChain | undefined;
    try {
      chain = peerChain(chainOf(socket));
      // A session that goes on from another one has not shown a chain.
      if (chain === undefined || socket.isSessionReused()) return refuse(socket, NO_CERTIFICATE);
      const refusal = judge.client(chain) ?? openSslRefusal(socket);
      if (refusal !== undefined) return refuse(socket, refusal, certificateFacts(chain.leaf));
    } catch (error) {
      const fingerprint = socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase();
      return refuse(socket, unreadable(error), { fingerprint });
    }
    keepPeerNames(socket, dnsNamesOf(chain.leaf));
    peers.set(socket, { chain, address: addressOf(socket), isRetired: false });
    socket.once('close', () => peers.delete(socket));
    return true;
  }

  const emit: (event: string | symbol, ...args: unknown[]) => boolean = server.emit.bind(server);
  server.emit = (event: string | symbol, ...args: unknown[]) =>
    event === 'secureConnection' && !admit(args[0] as TLSSocket) ? true : emit(event, ...args);

  limitHandshakes(server, handshakes, ({ remoteAddress, remotePort }) =>
    refusals.say('warn', { peer: `${remoteAddress}:${remotePort}`, ...TOO_MANY }, 'a connection was refused'),
  );
  // An address that was asked for once can still be told when the connection is gone.
  server.on('connection', (socket: Socket) => void socket.remoteAddress);
  server.on('tlsClientError', (error, socket) => {
    const problem = codeOf(error) ?? 'unknown';
    const reason = tlsReason(problem) ?? error.message;
    // Health checks of load balancers connect and go again.
    const level = problem === 'ECONNRESET' ? 'info' : 'warn';
    refusals.say(level, { peer: addressOf(socket), problem, reason }, FAILED);
    // Node leaves this one to others; of all else it has told the peer, and closes itself.
    if (problem === 'ERR_TLS_HANDSHAKE_TIMEOUT') socket.destroy();
  });
  server.once('close', whenClosed);

  function judgeAgain(): void {
    for (const [socket, peer] of peers) {
      const refusal = judge.client(peer.chain);
      if (refusal === undefined) continue;
      const facts = { peer: peer.address, ...refusal, certificate: certificateFacts(peer.chain.leaf) };
      if (refusal.problem === 'revoked') {
        refusals.say('warn', facts, 'a peer was cut off');
        socket.destroy();
      } else if (!peer.isRetired) {
        peer.isRetired = true;
        refusals.say('warn', facts, 'a peer was asked to leave: its connection ends with what is in flight');
        retire(socket);
      }
    }
  }

  return { renew: () => server.setSecureContext(options()), judgeAgain };
}

const TOO_MANY = {
  problem: 'too-many-handshakes',
  reason: 'as many handshakes are under way as may be, of its address or of all',
  fix: 'If they are none of yours, keep them away from this port.',
};

const NO_CERTIFICATE: Refusal = {
  problem: 'no-certificate',
  reason: 'it showed no certificate',
  fix: 'Give it a certificate for clients of a CA that is trusted here.',
};

function openSslRefusal({ authorized, authorizationError }: TLSSocket): Refusal | undefined {
  if (authorized) return undefined;
  // Its type says Error, and a server's is the code.
  const problem = String(authorizationError);
  return { problem, reason: tlsReason(problem) ?? `OpenSSL refused its certificate (${problem})` };
}

const unreadable = (error: unknown): Refusal => ({
  problem: error instanceof DerError ? 'certificate-malformed' : 'internal',
  reason: `its certificate cannot be read: ${error instanceof Error ? error.message : String(error)}`,
});

/** The raw socket below is the only one that still knows an address once its connection is gone. */
function addressOf(socket: TLSSocket): string {
  const below: unknown = Reflect.get(socket, '_parent');
  const { remoteAddress, remotePort } =
    socket.remoteAddress === undefined && isSocket(below) ? below : socket;
  return remoteAddress === undefined ? 'unknown' : `${remoteAddress}:${remotePort}`;
}

const isSocket = (value: unknown): value is Socket =>
  typeof value === 'object' && value !== null && 'remoteAddress' in value;
