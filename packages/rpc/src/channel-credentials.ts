import { X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { CallCredentials, ChannelCredentials } from '@grpc/grpc-js';
import type { AppError } from '@sealtrack/errors/app-error';
import type { Tls } from '@sealtrack/tls/tls';
import { brokenOff, mute, noGrpc, refused, type Target, untrusted } from './tls-failure.ts';

type SecureConnector = ReturnType<ChannelCredentials['_createSecureConnector']>;

/** What a connection to a server failed with, until another one fails in another way or ends after it was of use. */
export interface Failed {
  readonly error: AppError;
  /** The address and port that it was to, as Node writes them in its errors. */
  readonly remote: string;
}

interface Certificates {
  readonly own?: X509Certificate | undefined;
  readonly theirs?: X509Certificate | undefined;
}

const HANDSHAKE_MS = 10_000;

/**
 * Credentials of channels to one server. gRPC keeps one connection for all channels that have equal credentials, so
 * there is one such object a server, and what its connection failed with is there for all of them.
 */
export class TlsChannelCredentials extends ChannelCredentials {
  readonly #tls: Tls;
  readonly #target: Target;
  failed: Failed | undefined;

  constructor(tls: Tls, target: Target) {
    super();
    this.#tls = tls;
    this.#target = target;
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return other === this;
  }

  override _createSecureConnector(
    _target: unknown,
    _options: unknown,
    callCredentials?: CallCredentials,
  ): SecureConnector {
    const pending = new Set<TLSSocket>();
    return {
      connect: async (socket) => {
        const remote = `${socket.remoteAddress}:${socket.remotePort}`;
        const secured = this.#begin(socket);
        pending.add(secured);
        try {
          await this.#handshake(secured, remote);
          return { socket: secured, secure: true };
        } finally {
          pending.delete(secured);
        }
      },
      waitForReady: async () => {},
      getCallCredentials: () => callCredentials ?? CallCredentials.createEmpty(),
      destroy: () => {
        for (const secured of pending) secured.destroy();
      },
    };
  }

  /** Certificate, key and CAs are read anew each time, so that every connection begins with the newest. */
  #begin(socket: Socket): TLSSocket {
    const { serverName } = this.#target;
    return connect({
      // An address is not for SNI (RFC 6066, section 3).
      ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
      ...this.#tls.client(serverName),
      socket,
      ALPNProtocols: ['h2'],
    });
  }

  async #handshake(secured: TLSSocket, remote: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let certificates: Certificates = {};
    const before = this.failed;
    let stage: 'handshake' | 'judged there' | 'over' = 'handshake';
    const fail = (error: AppError) => {
      stage = 'over';
      this.failed = { error, remote };
      reject(error);
      secured.destroy();
    };
    // Node documents no event between the handshake and its own judgement, after which the certificates are gone.
    secured.prependOnceListener('secure', () => {
      // Not getPeerX509Certificate: that takes the certificate away from whoever wants to judge it later.
      const { raw } = secured.getPeerCertificate();
      certificates = { theirs: raw && new X509Certificate(raw), own: secured.getX509Certificate() };
    });
    secured.once('secureConnect', () => {
      if (secured.alpnProtocol !== 'h2') return fail(noGrpc(this.#target));
      stage = 'judged there';
      return resolve();
    });
    const end = (error?: Error) => {
      if (stage === 'over') return;
      // Set by Node when it, or its checkServerIdentity, does not take the certificate.
      if (secured.authorizationError) fail(untrusted(this.#target, error, certificates.theirs));
      else if (stage === 'handshake') fail(brokenOff(this.#target, error));
      // In TLS 1.3 a server sees the client's certificate when the handshake is over for the client.
      else if (secured.bytesRead === 0) fail(refused(this.#target, certificates.own, error));
      else if (this.failed === before) this.failed = undefined;
    };
    secured.on('error', end);
    secured.once('close', () => end());
    const timer = setTimeout(() => fail(mute(this.#target)), HANDSHAKE_MS);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
    }
  }
}

const known = new WeakMap<Tls, Map<string, TlsChannelCredentials>>();

/** The same for the same server. */
export function tlsChannelCredentials(tls: Tls, target: Target): TlsChannelCredentials {
  const servers = known.get(tls) ?? new Map<string, TlsChannelCredentials>();
  known.set(tls, servers);
  const key = `${target.address} ${target.serverName}`;
  const credentials = servers.get(key) ?? new TlsChannelCredentials(tls, target);
  servers.set(key, credentials);
  return credentials;
}
