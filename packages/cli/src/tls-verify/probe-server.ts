import type { ConnectionOptions } from 'node:tls';
import { AppError } from '@sealtrack/errors/app-error';
import { type Probe, type ProbeOptions, probe } from './probe.ts';
import type { StartTls, Target } from './target.ts';

export interface Credentials {
  /** PEM, the chain behind the certificate. */
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface Asking {
  readonly serverName: string;
  /** Undefined: as the server's first words show. */
  readonly startTls: StartTls | undefined;
  /** PEM. */
  readonly trusted: readonly Buffer[];
  readonly credentials: Credentials | undefined;
}

/** What several connections to one server showed. */
export interface ServerProbes {
  readonly startTls: StartTls;
  /** Without a certificate of ours. */
  readonly bare: Probe;
  /** As a service makes one: with the CAs that are trusted, and with our certificate if there is one. */
  readonly asService: Probe | undefined;
  /** With TLS 1.0 or 1.1; undefined when that could not be tried. */
  readonly old: Probe | undefined;
}

/** Security level 0, or our side would refuse them before the server is asked. */
const OLD: ConnectionOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' };

/** `deadline` begins with each connection. Throws SERVICE_UNAVAILABLE, DEADLINE_EXCEEDED. */
export async function probeServer(
  target: Target,
  asking: Asking,
  deadline: () => AbortSignal,
): Promise<ServerProbes> {
  const { startTls, bare } = await firstProbe(target, asking, deadline);
  if (bare.outcome === 'plaintext') return { startTls, bare, asService: undefined, old: undefined };
  const { serverName, trusted, credentials } = asking;
  const ask = (tls: ConnectionOptions) => probe(target, { startTls, serverName, tls }, deadline());
  const [asService, old] = await Promise.all([
    ask({ ca: [...trusted], checkServerIdentity: () => undefined, ...credentials }),
    ask(OLD).catch(unlessInternal),
  ]);
  return { startTls, bare, asService, old };
}

/** A NATS server says INFO before anything else, whatever it is asked. */
async function firstProbe(target: Target, { serverName, startTls }: Asking, deadline: () => AbortSignal) {
  const options: ProbeOptions = { serverName, startTls: startTls ?? 'none' };
  const bare = await probe(target, options, deadline());
  const isNats = startTls === undefined && bare.outcome === 'plaintext' && bare.said.startsWith('INFO ');
  if (!isNats) return { startTls: options.startTls, bare };
  return {
    startTls: 'nats' as const,
    bare: await probe(target, { serverName, startTls: 'nats' }, deadline()),
  };
}

function unlessInternal(error: unknown): undefined {
  if (!(error instanceof AppError)) throw error;
}
