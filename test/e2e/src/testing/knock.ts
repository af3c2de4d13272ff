import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { PartyFiles } from '@sealtrack/authority/bootstrap';

/** One way to begin a conversation, and how it is seen that the other side takes part in it. */
interface Protocol {
  readonly hello: string | Buffer;
  isAnswer(heard: Buffer): boolean;
  readonly alpn?: readonly string[];
  /** Said by the server in plaintext before TLS begins. */
  readonly greeting?: RegExp;
}

const text = (answer: RegExp) => (heard: Buffer) => answer.test(heard.toString('latin1'));

export const PROTOCOLS = {
  grpc: {
    // The preface of HTTP/2 and empty SETTINGS; a server that is one answers with SETTINGS, which are type 4.
    hello: Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1'),
    isAnswer: (heard) => heard.length >= 9 && heard[3] === 4,
    alpn: ['h2'],
  },
  metrics: {
    hello: 'GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    isAnswer: text(/^HTTP\/1\.1 /),
  },
  nats: {
    hello: 'CONNECT {"verbose":false,"pedantic":false}\r\nPING\r\n',
    isAnswer: text(/PONG\r\n/),
    greeting: /^INFO .*\r\n/,
  },
  // Who is let in without a password is told that one is missing.
  redis: { hello: 'PING\r\n', isAnswer: text(/^(\+PONG|-NOAUTH)/) },
} as const satisfies Record<string, Protocol>;

export interface Stranger {
  readonly files?: PartyFiles | undefined;
  readonly plaintext?: boolean;
}

/**
 * Whether the server at host:port takes part in the conversation, until it does or has ended the connection. A server that
 * does neither fails the test by its time.
 */
export async function isLetIn(
  address: string,
  protocol: Protocol,
  { files, plaintext = false }: Stranger,
): Promise<boolean> {
  const [host = '', port] = address.split(':');
  const identity: ConnectionOptions = {
    // The server's own opinion is what is asked for.
    rejectUnauthorized: false,
    ALPNProtocols: [...(protocol.alpn ?? [])],
    ...(files && { cert: await readFile(files.certificate), key: await readFile(files.certificateKey) }),
  };
  const target = { host, port: Number(port) };
  if (plaintext) return await converse(connect(target), 'connect', protocol);
  if (protocol.greeting === undefined)
    return await converse(connectTls({ ...target, ...identity }), 'secureConnect', protocol);
  const plain = connect(target);
  await greeted(plain, protocol.greeting);
  return await converse(connectTls({ socket: plain, ...identity }), 'secureConnect', protocol);
}

function converse(socket: Socket, connected: string, { hello, isAnswer }: Protocol): Promise<boolean> {
  return new Promise((resolve) => {
    let heard = Buffer.alloc(0);
    socket.on(connected, () => socket.write(hello));
    socket.on('data', (chunk) => {
      heard = Buffer.concat([heard, chunk as Buffer]);
      if (!isAnswer(heard)) return;
      resolve(true);
      socket.destroy();
    });
    // An error comes before the end, which says enough.
    socket.on('error', () => {});
    socket.on('close', () => resolve(false));
  });
}

function greeted(socket: Socket, greeting: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let heard = '';
    const hear = (chunk: Buffer): void => {
      heard += chunk.toString('latin1');
      if (!greeting.test(heard)) return;
      socket.off('data', hear);
      resolve();
    };
    socket.on('data', hear);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('It ended before it had greeted')));
  });
}

/** Of the certificate that a gRPC door shows now. */
export async function serialAt(address: string): Promise<string | undefined> {
  const [host = '', port] = address.split(':');
  const socket = connectTls({ host, port: Number(port), rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  // It is refused, after both have shown who they are.
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  const serial = socket.getPeerX509Certificate()?.serialNumber;
  socket.destroy();
  return serial;
}
