import type { DetailedPeerCertificate, Server, TLSSocket } from 'node:tls';
import { DerError } from '@sealtrack/certificates/der';
import { parseX509, type X509 } from '@sealtrack/certificates/x509/parse-x509';

/** What a peer showed: its certificate, and those that came with it as far as they lead on from there. */
export interface PeerChain {
  readonly leaf: X509;
  readonly intermediates: readonly X509[];
}

/** Longer than any chain that is taken. */
const MAX_CERTIFICATES = 20;

/** Undefined without a certificate. Throws DerError for one that cannot be read. */
export function peerChain(shown: DetailedPeerCertificate | undefined): PeerChain | undefined {
  return chainOf(ders(shown));
}

/** The same of certificates in DER, the peer's first. */
export function chainOf([leaf, ...others]: readonly Buffer[]): PeerChain | undefined {
  return leaf && { leaf: parseX509(leaf), intermediates: others.flatMap(tryParse) };
}

function ders(shown: DetailedPeerCertificate | undefined): Buffer[] {
  const found: Buffer[] = [];
  let next = shown;
  // A root is its own issuer here.
  for (let last: unknown; next?.raw !== undefined && next !== last; ) {
    if (found.push(next.raw) === MAX_CERTIFICATES) break;
    last = next;
    next = next.issuerCertificate;
  }
  return found;
}

function tryParse(der: Buffer): X509[] {
  try {
    return [parseX509(der)];
  } catch (error) {
    if (error instanceof DerError) return [];
    throw error;
  }
}

/**
 * Reads the chain of each peer of a server in time. Node from 24.21 and 26.8 loses what came with the certificate of a peer
 * before it says 'secureConnection' (https://github.com/nodejs/node/issues/65579, not mended yet in the newest Node 24 there is
 * for every platform). The one event before that which comes with the socket is 'keylog'; what it is for is not looked at.
 */
export function readPeerChains(server: Server): (socket: TLSSocket) => DetailedPeerCertificate | undefined {
  const chains = new WeakMap<TLSSocket, DetailedPeerCertificate>();
  const seen = new WeakSet<TLSSocket>();
  server.on('keylog', (line: Buffer, socket: TLSSocket) => {
    line.fill(0);
    if (seen.has(socket)) return;
    seen.add(socket);
    socket.prependOnceListener('secure', () => {
      try {
        chains.set(socket, socket.getPeerCertificate(true));
      } catch {
        // Whoever asks for the chain tries again, and refuses the peer.
      }
    });
  });
  return (socket) => chains.get(socket) ?? socket.getPeerCertificate(true);
}
