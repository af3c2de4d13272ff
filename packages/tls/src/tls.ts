import type { KeyObject } from 'node:crypto';
import type { ConnectionOptions, Server, TLSSocket, TlsOptions } from 'node:tls';
import type { HandshakeLimits } from './limit-handshakes.ts';

/** Where what secures connections is, as the settings of a process name it. Files are PEM, and may change at any time. */
export interface TlsFiles {
  /** The certificate of this process, and behind it the CAs between it and a trusted one. */
  readonly certificateFile: string;
  readonly certificateKeyFile: string;
  /** Of the key file, where it is encrypted. */
  readonly certificateKeyPassword?: Buffer | undefined;
  /** One or several files of one or several trusted CAs each. */
  readonly trustedCaFiles: readonly string[];
  /** With any, the state of every certificate of a peer's chain has to be known from them, and revoked ones are refused. */
  readonly crlFiles: readonly string[];
}

export interface TlsSettings extends TlsFiles {
  /** mutual: clients show a certificate too. simple: servers alone do. */
  readonly clients: 'mutual' | 'simple';
  /** Whether a server's certificate has to be for the host that was asked for. */
  readonly targetNameCheck: boolean;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** In OpenSSL's words; Node's own list when left out. */
  readonly cipherList?: string | undefined;
}

/** How this process proves who it is, and whom it believes: always as the files are now. */
export interface Tls extends Disposable {
  /**
   * Options of `tls.connect` to a server whose certificate has to be for `serverName`. The object stays good for ever: its
   * certificate, key and CAs are those of the moment in which they are read, so that each new connection takes the newest.
   */
  client(serverName: string): ConnectionOptions;
  /** Options of a TLS server, for `guard` to keep up to date. */
  server(): TlsOptions;
  /**
   * Guards a server made with the options above, from before it listens. A peer that is not believed never reaches the
   * server's own listeners: its certificate and the reason are in the log, and so is every failed handshake. When files
   * change, new connections meet what is in them now, and those that are there are judged again: a revoked peer is cut
   * off at once; for one whose certificate is no longer good for another reason `retire` is called.
   */
  guard(server: Server, options?: GuardOptions): void;
  /** What this process proves by. */
  identity(): Identity;
  /**
   * Judges who signed something, not on a connection, by what judges peers: his certificate, for either side of connections, and
   * the CAs that he sent behind it, each in DER.
   * @param at when it has to have been good; now when left out. Revocation lists are those of now, and one that was revoked
   * after `at` was good then only if it was for a reason that leaves its key where it was.
   * @throws UntrustedSigner.
   */
  judgeSigner(chain: readonly Buffer[], at?: Date): TrustedSigner;
}

/** How this process proves who it is, as the files are now. */
export interface Identity {
  /** DER: its certificate, and the CAs behind it. */
  readonly chain: readonly Buffer[];
  readonly privateKey: KeyObject;
}

export interface TrustedSigner {
  /** The DNS names of the certificate. */
  readonly names: readonly string[];
  readonly publicKey: KeyObject;
  /** SHA-256 of the certificate in DER, lower-case hex. */
  readonly fingerprint: string;
}

export interface GuardOptions {
  /** Ends a connection without breaking off what is in flight on it; without it the connection is cut off. */
  readonly retire?: (socket: TLSSocket) => void;
  /** Where that is not as everywhere. */
  readonly handshakes?: HandshakeLimits;
}

/** Asked for in so many words: everything can be read and changed on its way. */
export const PLAINTEXT = 'plaintext';

export type Transport = Tls | typeof PLAINTEXT;

/** What this package says to the log: satisfied by a pino logger. */
export interface TlsLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
