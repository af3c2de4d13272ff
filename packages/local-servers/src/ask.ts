import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { CertificateFiles } from './local-server.ts';

export interface AskOptions {
  /** 1,000 unless told. */
  readonly timeoutMs?: number;
  /** Over TLS, as whoever these files are of. */
  readonly tls?: CertificateFiles | undefined;
  /** Says in the clear that TLS may begin, where it does not begin at once. */
  readonly greeting?: RegExp;
}

/**
 * Connects to a loopback port, sends a line and collects what comes back until `done` says that it is enough.
 * Resolves with undefined when nobody answers, or not in time: while a server starts that is ordinary.
 */
export async function ask(
  port: number,
  request: string,
  done: (answer: string) => boolean,
  { timeoutMs = 1_000, tls, greeting }: AskOptions = {},
): Promise<string | undefined> {
  const files = tls && (await read(tls));
  let answer = '';
  let socket: Socket | undefined;
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const follow = (next: Socket, connected: string) => {
    socket = next;
    next.setTimeout(timeoutMs, () => resolve(undefined));
    next.on('error', () => resolve(undefined));
    next.on('close', () => resolve(undefined));
    next.on(connected, () => next.write(request));
    next.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (done(answer)) resolve(answer);
    });
  };
  // Whoever looks after a server on this machine knows which one it is by its name, not by a host's.
  const secure = (over?: Socket): TLSSocket =>
    connectTls({ ...files, ...(over ? { socket: over } : { port }), checkServerIdentity: () => undefined });
  if (files === undefined) follow(connect({ host: '127.0.0.1', port }), 'connect');
  else if (greeting === undefined) follow(secure(), 'secureConnect');
  else {
    const plain = connect({ host: '127.0.0.1', port });
    socket = plain;
    plain.setTimeout(timeoutMs, () => resolve(undefined));
    plain.on('error', () => resolve(undefined));
    plain.on('close', () => resolve(undefined));
    plain.on('data', function heard(chunk: Buffer) {
      answer += chunk.toString('latin1');
      if (!greeting.test(answer)) return;
      plain.off('data', heard);
      follow(secure(plain), 'secureConnect');
    });
  }
  const result = await promise;
  socket?.destroy();
  return result;
}

async function read(files: CertificateFiles) {
  const [cert, key, ca] = await Promise.all(
    [files.certificate, files.certificateKey, files.trustedCa].map((file) => readFile(file)),
  );
  return { cert, key, ca };
}
