import { readFile } from 'node:fs/promises';
import { checkServerIdentity } from 'node:tls';
import { parseX509 } from '@sealtrack/certificates/x509/parse-x509';
import { dnsNamesOf, keepPeerNames } from './peer-names.ts';
import type { Tls, TlsLog, TlsSettings } from './tls.ts';

/** A beginning, without changes of files, CRLs and reasons. */
export async function openTls(settings: TlsSettings, log: TlsLog): Promise<Tls> {
  const [cert, key, ...ca] = await Promise.all(
    [settings.certificateFile, settings.certificateKeyFile, ...settings.trustedCaFiles].map((file) =>
      readFile(file),
    ),
  );
  const own = {
    cert,
    key,
    ca,
    minVersion: settings.minVersion,
    ...(settings.certificateKeyPassword && { passphrase: settings.certificateKeyPassword.toString() }),
    ...(settings.cipherList && { ciphers: settings.cipherList }),
  };
  return {
    client: (serverName) => ({
      ...own,
      checkServerIdentity: (_, certificate) =>
        settings.targetNameCheck ? checkServerIdentity(serverName, certificate) : undefined,
    }),
    server: () => ({ ...own, requestCert: settings.clients === 'mutual', rejectUnauthorized: false }),
    guard: (server) => {
      const accept = server.listeners('secureConnection');
      server.removeAllListeners('secureConnection');
      server.on('secureConnection', (socket) => {
        if (settings.clients === 'mutual' && !socket.authorized) {
          log.warn({ reason: socket.authorizationError }, 'a peer was refused');
          socket.destroy();
          return;
        }
        const certificate = settings.clients === 'mutual' && socket.getPeerX509Certificate();
        if (certificate) keepPeerNames(socket, dnsNamesOf(parseX509(certificate.raw)));
        for (const listener of accept) Reflect.apply(listener, server, [socket]);
      });
      server.on('tlsClientError', (err) => log.warn({ err }, 'a TLS handshake failed'));
    },
    [Symbol.dispose]: () => {},
  };
}
