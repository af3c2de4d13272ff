import type { X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { tlsReason } from '@sealtrack/tls/reasons';
import { dial, readNatsInfo, tooLate } from './dial.ts';
import { encryptedBytes, finishedSize, looksLikeTls, readServerFlight } from './handshake-records.ts';
import { createTap, type Tap } from './tap.ts';
import type { StartTls, Target } from './target.ts';

/** What one connection to a TLS server showed. */
export interface Probe {
  /**
   * let-in: the server answered behind the handshake. refused: it ended the handshake, or the connection behind it. silent:
   * the handshake was made, and the server neither answers nor hangs up. plaintext: it does not speak TLS.
   */
  readonly outcome: 'let-in' | 'refused' | 'silent' | 'plaintext';
  /** Why it is refused, of "it", the server; empty when it is not. */
  readonly reason: string;
  /** Such as TLSv1.3; undefined when the handshake did not come as far. */
  readonly protocol: string | undefined;
  /** Undefined when there was none to its end. */
  readonly handshake: Handshake | undefined;
  /** DER in the order it was sent, as far as it could be seen. */
  readonly chain: readonly Buffer[];
  /** Whether it asked for a certificate; undefined when that could not be seen. */
  readonly asked: boolean | undefined;
  /** The first of what it sent, when that was no TLS. */
  readonly said: string;
}

export interface Handshake {
  readonly cipher: string;
  /** What OpenSSL has against the server's certificate; empty for nothing, or when it was not asked. */
  readonly refusal: string;
}

export interface ProbeOptions {
  readonly startTls: StartTls;
  /** The name that is asked for; none for an IP address. */
  readonly serverName: string;
  readonly tls?: ConnectionOptions;
}

/** One connection, made as far as the first answer behind the handshake. Throws SERVICE_UNAVAILABLE, DEADLINE_EXCEEDED. */
export async function probe(target: Target, options: ProbeOptions, signal: AbortSignal): Promise<Probe> {
  const tcp = await dial(target, signal);
  try {
    if (options.startTls === 'nats') {
      const { hasTls } = await readNatsInfo(tcp, target, signal);
      if (!hasTls) return plaintext('INFO, without tls_required');
    }
    return await shakeHands(target, tcp, options, signal);
  } finally {
    tcp.destroy();
  }
}

const plaintext = (said: string): Probe => ({
  ...{
    outcome: 'plaintext',
    reason: '',
    protocol: undefined,
    handshake: undefined,
    chain: [],
    asked: undefined,
    said,
  },
});

async function shakeHands(
  target: Target,
  tcp: Socket,
  options: ProbeOptions,
  signal: AbortSignal,
): Promise<Probe> {
  const tap = createTap(tcp);
  const socket = connect({
    socket: tap.stream,
    rejectUnauthorized: false,
    ALPNProtocols: ['h2', 'http/1.1'],
    // Of nobody: so the chain is what the server sends, and nothing of a store.
    ca: [],
    ...(isIP(options.serverName) === 0 && { servername: options.serverName }),
    ...options.tls,
  });
  try {
    const { protocol, handshake, end, asked, chain } = await converse(socket, tap, options.startTls, signal);
    if (end.outcome === 'late' && handshake === undefined)
      throw tooLate(`${target.host}:${target.port}`, 'No handshake came about');
    const received = tap.received();
    if (!looksLikeTls(received)) return plaintext(received.toString('latin1', 0, 60));
    const flight = readServerFlight(received);
    return {
      outcome: end.outcome === 'late' ? 'silent' : end.outcome,
      reason: end.reason,
      protocol: protocol ?? flight.protocol,
      handshake,
      chain: flight.certificates.length > 0 ? flight.certificates : chain,
      asked: flight.asksForCertificate ?? asked,
      said: '',
    };
  } finally {
    socket.destroy();
  }
}

interface End {
  readonly outcome: 'let-in' | 'refused' | 'late';
  readonly reason: string;
}

interface Conversation {
  readonly protocol: string | undefined;
  readonly handshake: Handshake | undefined;
  readonly chain: readonly Buffer[];
  readonly asked: boolean | undefined;
  readonly end: End;
}

/** Never rejects. A server that does not want a client says so in TLS 1.3 only after the client has made its handshake. */
function converse(
  socket: TLSSocket,
  tap: Tap,
  startTls: StartTls,
  signal: AbortSignal,
): Promise<Conversation> {
  const { promise, resolve } = Promise.withResolvers<Conversation>();
  let seen: Omit<Conversation, 'end'> = {
    ...{ protocol: undefined, handshake: undefined, chain: [], asked: undefined },
  };
  const finish = (outcome: End['outcome'], reason = ''): void => {
    signal.removeEventListener('abort', late);
    resolve({ ...seen, end: { outcome, reason } });
  };
  const late = (): void => finish('late');
  if (signal.aborted) late();
  signal.addEventListener('abort', late);
  socket.once('secureConnect', () => {
    const protocol = socket.getProtocol() ?? undefined;
    seen = { ...seen, protocol, handshake: handshakeOf(socket), chain: chainOf(socket) };
    // The last of the client's flight is written when its handshake was announced.
    setImmediate(() => {
      if (socket.destroyed) return;
      seen = { ...seen, asked: wasAsked(socket, tap) };
      socket.write(startTls === 'nats' ? NATS : pokeFor(socket));
    });
  });
  socket.once('data', (answer: Buffer) => {
    const refusal =
      startTls === 'nats' ? /^-ERR '?([^'\r\n]*)/.exec(answer.toString('latin1'))?.[1] : undefined;
    finish(refusal === undefined ? 'let-in' : 'refused', refusal);
  });
  // Not once: one that comes after the first is nobody else's to take.
  socket.on('error', (error: NodeJS.ErrnoException) => finish('refused', reasonOf(error)));
  socket.once('close', () => finish('refused', CLOSED));
  return promise;
}

function handshakeOf(socket: TLSSocket): Handshake {
  const { authorizationError: refusal } = socket as { authorizationError?: Error | string | null };
  return {
    cipher: socket.getCipher().standardName,
    refusal: refusal ? (tlsReason(String(refusal)) ?? String(refusal)) : '',
  };
}

/** As OpenSSL puts it together of what was sent: what belongs to no chain is not in it. */
function chainOf(socket: TLSSocket): Buffer[] {
  const found: Buffer[] = [];
  let at: X509Certificate | undefined = socket.getPeerX509Certificate();
  while (at !== undefined && found.every((each) => !each.equals(at?.raw ?? each))) {
    found.push(at.raw);
    at = at.issuerCertificate;
  }
  return found;
}

/** In TLS 1.3, where a request for a certificate is encrypted, a client sends more than a Finished in answer to one. */
function wasAsked(socket: TLSSocket, tap: Tap): boolean | undefined {
  if (socket.getProtocol() !== 'TLSv1.3') return undefined;
  const bytes = encryptedBytes(tap.sent());
  return bytes === 0 ? undefined : bytes > finishedSize(socket.getCipher().standardName);
}

/** Whom a certificate belongs to, NATS looks up only now. */
const NATS = Buffer.from('CONNECT {"verbose":true,"tls_required":true,"lang":"sealtrack","version":"0"}\r\n');
const HTTP2 = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from('000000040000000000', 'hex'),
]);

/** Something harmless that its protocol has an answer to: an HTTP server, NATS and Redis each say at least that it is wrong. */
function pokeFor({ alpnProtocol }: TLSSocket): Buffer {
  if (alpnProtocol === 'h2') return HTTP2;
  return Buffer.from(
    alpnProtocol ? 'OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' : 'PING\r\n',
  );
}

/** Of the server: "it asks for a certificate, and was shown none". */
function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return CLOSED;
  return tlsReason(error.code) ?? error.message;
}

const CLOSED = 'it closed the connection';
