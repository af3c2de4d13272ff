import { on, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { AppError } from '@sealtrack/errors/app-error';
import type { Target } from './target.ts';

/** An open connection. Throws SERVICE_UNAVAILABLE, DEADLINE_EXCEEDED. */
export async function dial({ host, port }: Target, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port });
  // From here on somebody else listens; an error before that is not to end the process.
  socket.on('error', () => {});
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (cause) {
    socket.destroy();
    if (signal.aborted) throw tooLate(`${host}:${port}`, 'No connection came about', cause);
    throw new AppError('SERVICE_UNAVAILABLE', `Nothing answers at ${host}:${port}`, {
      fix: 'Start it, or give its right address. A name that cannot be found is an error of DNS.',
      details: { code: (cause as NodeJS.ErrnoException).code ?? '' },
      cause,
    });
  }
}

/** What comes with its line end is INFO and JSON (https://docs.nats.io/reference/reference-protocols/nats-protocol#info). */
const MAX_INFO = 64 * 1024;

/**
 * The line that a NATS server says first, in clear, before either side may begin with TLS. Throws DEADLINE_EXCEEDED, or
 * SERVICE_UNAVAILABLE when it says something else.
 */
export async function readNatsInfo(socket: Socket, target: Target, signal: AbortSignal): Promise<NatsInfo> {
  const where = `${target.host}:${target.port}`;
  let line = Buffer.alloc(0);
  try {
    for await (const [chunk] of on(socket, 'data', { signal, close: ['end', 'close'] })) {
      line = Buffer.concat([line, chunk as Buffer]);
      if (line.includes('\n') || line.length > MAX_INFO) break;
    }
  } catch (cause) {
    socket.destroy();
    throw tooLate(where, 'It does not say what a NATS server says first', cause);
  }
  socket.pause();
  const info = parseInfo(line);
  if (info !== undefined) return info;
  socket.destroy();
  throw new AppError('SERVICE_UNAVAILABLE', `${where} is no NATS server`, {
    fix: 'Leave out --starttls, or give the address of the NATS server.',
  });
}

export interface NatsInfo {
  /** Whether it takes TLS at all. */
  readonly hasTls: boolean;
}

function parseInfo(line: Buffer): NatsInfo | undefined {
  const [, json] = /^INFO (\{.*\})\s*$/.exec(line.toString('latin1')) ?? [];
  if (json === undefined) return undefined;
  try {
    const { tls_required: required, tls_available: available } = JSON.parse(json) as Record<string, unknown>;
    return { hasTls: required === true || available === true };
  } catch {
    return undefined;
  }
}

export const tooLate = (where: string, what: string, cause?: unknown): AppError =>
  new AppError('DEADLINE_EXCEEDED', `${what}: ${where} is silent`, {
    fix: 'Check that it is the port of a TLS server, and that no firewall swallows what is sent. --timeout waits longer.',
    cause,
  });
