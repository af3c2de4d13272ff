import { constants } from 'node:crypto';
import type { ConnectionOptions, PeerCertificate, TlsOptions } from 'node:tls';
import { DerError } from '@sealtrack/certificates/der';
import type { X509 } from '@sealtrack/certificates/x509/parse-x509';
import { certificateFacts } from './certificate-facts.ts';
import { addressBytes } from './ip-address.ts';
import type { Judge, Refusal } from './judge.ts';
import type { Material } from './material.ts';
import { peerChain } from './peer-chain.ts';
import type { TlsSettings } from './tls.ts';

const HANDSHAKE_TIMEOUT_MS = 10_000;

/** What the options of both sides begin with. Its getters are its own, so that every way of copying reads them. */
const common = (settings: TlsSettings, current: () => Material) =>
  Object.defineProperties(
    {
      minVersion: settings.minVersion,
      // A CA is trusted for being in the file, wherever it stands in a hierarchy.
      allowPartialTrustChain: true,
      ...(settings.cipherList && { ciphers: settings.cipherList }),
    },
    {
      cert: { enumerable: true, get: () => current().cert },
      key: { enumerable: true, get: () => current().key },
      ca: { enumerable: true, get: () => [...current().ca] },
    },
  );

/** No sessions that go on from others, which would skip the certificates; and none that begin anew in the middle. */
export const serverOptions = (settings: TlsSettings, current: () => Material): TlsOptions =>
  Object.assign(common(settings, current), {
    requestCert: settings.clients === 'mutual',
    // Node would close the connection before anybody could say whose certificate it was; `guard` does it.
    rejectUnauthorized: false,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  });

export function clientOptions(
  settings: TlsSettings,
  current: () => Material,
  judge: Judge,
  serverName: string,
): ConnectionOptions {
  const host = settings.targetNameCheck ? serverName : undefined;
  return Object.assign(common(settings, current), {
    // An address is no name for a server to choose its certificate by (RFC 6066, 3).
    ...(addressBytes(serverName) === undefined && { servername: serverName }),
    rejectUnauthorized: true,
    secureOptions: constants.SSL_OP_NO_TICKET,
    // Called once OpenSSL has verified the chain.
    checkServerIdentity: (_: string, certificate: PeerCertificate) =>
      checkServer(judge, certificate, serverName, host),
  });
}

function checkServer(
  judge: Judge,
  certificate: PeerCertificate,
  serverName: string,
  host: string | undefined,
): Error | undefined {
  try {
    // Its type is that of one without its issuers, which there always are here.
    const chain = peerChain(certificate as Parameters<typeof peerChain>[0]);
    if (chain === undefined) return new ServerRefused(serverName, NO_CERTIFICATE);
    const refusal = judge.server(chain, host);
    return refusal && new ServerRefused(serverName, refusal, chain.leaf);
  } catch (error) {
    // Thrown from here it would end this process, whoever the server is.
    const problem = error instanceof DerError ? 'certificate-malformed' : 'internal';
    const reason = `its certificate cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    return new ServerRefused(serverName, { problem, reason });
  }
}

const NO_CERTIFICATE: Refusal = { problem: 'no-certificate', reason: 'it showed no certificate' };

/** The other end is not who it has to be, or cannot show it. */
export class ServerRefused extends Error {
  readonly code = 'ERR_TLS_SERVER_REFUSED';
  readonly problem: string;
  readonly fix: string | undefined;

  constructor(serverName: string, { problem, reason, fix }: Refusal, leaf?: X509) {
    const facts = leaf && certificateFacts(leaf);
    const which = facts
      ? ` (serial ${facts.serial}, issued by ${facts.issuer}, SHA-256 ${facts.fingerprint})`
      : '';
    super(`The server ${serverName} is refused: ${reason}${which}`);
    this.name = 'ServerRefused';
    this.problem = problem;
    this.fix = fix;
  }
}
