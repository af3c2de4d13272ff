import { connect as connectPlain, type Socket } from 'node:net';
import { type ConnectionOptions, connect, createSecureContext } from 'node:tls';
import { names } from '@sealtrack/certificates/x509/testing/issue';
import { type Ca, createCa, hoursFromNow, type Identity, selfSigned } from './issue-peers.ts';

/** Peers that every listener has to refuse, for a table of tests against each. */

export interface BadPeer {
  readonly what: string;
  /** What the line in the log gives as `problem`. */
  readonly problem: string;
  /** Whether the line can say which certificate. */
  readonly hasCertificate: boolean;
  /** Connects, says what it says, and resolves with what it was answered once it was let go. */
  knock(port: number): Promise<string>;
}

const HTTP = 'GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n';

/** `ca` is the one that the listener trusts; `revoked` is of it, and on its list. */
export function badPeers(ca: Ca, revoked: Identity): BadPeer[] {
  const shows = (what: string, problem: string, shown: Identity | undefined): BadPeer => ({
    what,
    problem,
    hasCertificate: shown !== undefined,
    knock: (port) => speakTls(port, { ca: ca.cert, ...(shown && { cert: shown.cert, key: shown.key }) }),
  });
  const speaks = (what: string, problem: string, bytes: string | Buffer): BadPeer => ({
    what,
    problem,
    hasCertificate: false,
    knock: (port) => speakPlain(port, bytes),
  });
  const stranger = createCa('Stranger CA');
  const intermediate = ca.below('Intermediate CA');
  return [
    shows('no certificate', 'no-certificate', undefined),
    shows('a certificate of another CA', 'issuer-unknown', stranger.issue('stranger')),
    shows('one of a CA that is called the same', 'signature-invalid', createCa(ca.name).issue('impostor')),
    shows('one that is its own issuer', 'root-untrusted', selfSigned('lonely')),
    shows('one that expired', 'expired', ca.issue('late', { notAfter: hoursFromNow(-0.5) })),
    shows('one that is not valid yet', 'not-yet-valid', ca.issue('early', { notBefore: hoursFromNow(1) })),
    shows('one that was revoked', 'revoked', revoked),
    shows('one for servers', 'extended-key-usage-missing', ca.issue('server', { usage: 'server' })),
    shows('one without its intermediate CA', 'issuer-unknown', intermediate.issue('short', { alone: true })),
    shows(
      'one that cannot be read',
      'certificate-malformed',
      ca.issue('odd', { altNames: [names.ip(1, 2, 3)] }),
    ),
    {
      what: 'TLS 1.1',
      problem: 'ERR_SSL_UNSUPPORTED_PROTOCOL',
      hasCertificate: false,
      knock: (port) =>
        speakTls(port, {
          ca: ca.cert,
          secureContext: createSecureContext({
            ca: ca.cert,
            minVersion: 'TLSv1.1',
            maxVersion: 'TLSv1.1',
            ciphers: 'DEFAULT@SECLEVEL=0',
          }),
        }),
    },
    speaks('HTTP in the clear', 'ERR_SSL_HTTP_REQUEST', HTTP),
    speaks('HTTP/2 in the clear', 'ERR_SSL_WRONG_VERSION_NUMBER', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    speaks('Redis in the clear', 'ERR_SSL_WRONG_VERSION_NUMBER', '*1\r\n$4\r\nPING\r\n'),
    speaks('garbage', 'ERR_SSL_WRONG_VERSION_NUMBER', Buffer.alloc(1_000, 0xa5)),
    speaks('a malformed hello', 'ERR_SSL_LENGTH_TOO_SHORT', Buffer.from('16030100050100000100', 'hex')),
    speaks('nothing, and goes', 'ECONNRESET', ''),
  ];
}

/** Asks as one who may would. What is answered to somebody who is refused is nothing. */
export async function speakTls(port: number, options: ConnectionOptions): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ...options });
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  socket.on('error', () => {});
  socket.write(HTTP);
  await closing(socket);
  return answer;
}

async function speakPlain(port: number, bytes: string | Buffer): Promise<string> {
  const socket = connectPlain(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    answer += text;
  });
  socket.on('error', () => {});
  if (bytes === '') socket.end();
  else socket.write(bytes);
  await closing(socket);
  // What OpenSSL says to who speaks no TLS is an alert of seven bytes (RFC 8446, 6).
  return answer.startsWith('\x15\x03') && answer.length === 7 ? '' : answer;
}

const closing = (socket: Socket): Promise<void> =>
  new Promise((resolve) => void socket.once('close', () => resolve()));
