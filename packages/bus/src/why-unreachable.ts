import { createConnection, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import {
  type ConnectionProblem,
  connectionProblem,
  refusesCertificate,
  speaksNoTls,
  speaksOnlyTls,
} from '@sealtrack/tls/connection-problem';

const ANSWER_MS = 5_000;
const NATS_PORT = 4222;

/**
 * Asks the servers for why they let nobody in, with a connection of its own to each until one has a reason. The client does
 * not tell: a server that speaks TLS 1.3 refuses a certificate after the handshake, and the client waits for an answer until
 * its time is up. Undefined when there is no reason but that nobody answers, or none at all.
 */
export async function whyUnreachable(
  urls: readonly string[],
  tls: ConnectionOptions | undefined,
): Promise<ConnectionProblem | undefined> {
  for (const url of urls) {
    const problem = await ask(url, tls).catch((error: unknown) => connectionProblem(error));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

async function ask(url: string, tls: ConnectionOptions | undefined): Promise<ConnectionProblem | undefined> {
  const { hostname, port } = new URL(url.includes('://') ? url : `nats://${url}`);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const plain = createConnection({ host, port: Number(port || NATS_PORT) });
  const over = AbortSignal.timeout(ANSWER_MS);
  const end = () => plain.destroy();
  over.addEventListener('abort', end);
  try {
    const info = await firstLine(plain);
    const offered = /"tls_(?:required|available)":true/.test(info);
    if (!info.startsWith('INFO ')) return undefined;
    if (tls === undefined) return /"tls_required":true/.test(info) ? speaksOnlyTls() : undefined;
    if (!offered) return speaksNoTls();
    const secured = connect({ servername: isIP(host) ? '' : host, ...tls, socket: plain });
    secured.once('secureConnect', () =>
      secured.write('CONNECT {"verbose":false,"pedantic":false}\r\nPING\r\n'),
    );
    const answer = await firstLine(secured);
    if (/authorization/i.test(answer)) return unknownUser();
    return answer === '' && !over.aborted ? refusesCertificate() : undefined;
  } finally {
    over.removeEventListener('abort', end);
    plain.destroy();
  }
}

/** Rejects as the connection does; what is not a line is as good as none. */
function firstLine(socket: Socket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = '';
  socket.on('error', reject);
  socket.on('close', () => resolve(text));
  socket.on('data', function read(chunk: Buffer) {
    text += chunk.toString('latin1');
    if (!text.includes('\r\n')) return;
    // What follows is for whoever reads next.
    socket.off('data', read);
    socket.pause();
    resolve(text);
  });
  return promise;
}

export const unknownUser = (): ConnectionProblem => ({
  problem: 'knows no user that the certificate of this process is for',
  fix: 'Have a certificate issued for a name that deploy/nats/users.conf has, or add a user of this name there and reload nats-server.',
});
