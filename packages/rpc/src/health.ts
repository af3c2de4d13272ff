import { type AppError, toAppError } from '@sealtrack/errors/app-error';
import type { Transport } from '@sealtrack/tls/tls';
import { HealthDefinition } from 'nice-grpc-server-health';
import { connectRpc } from './client.ts';

export type Health = 'SERVING' | 'NOT_SERVING' | 'UNREACHABLE';

export interface HealthOptions {
  readonly transport: Transport;
  readonly serverName?: string;
  /** For an answer; 2 s unless told. */
  readonly timeoutMs?: number;
}

export interface HealthAnswer {
  readonly health: Health;
  /** Of one that cannot be reached. */
  readonly error?: AppError;
}

/** A connection to one server, to ask it again and again how it is. */
export interface HealthClient extends AsyncDisposable {
  /** Never fails. */
  ask(): Promise<HealthAnswer>;
}

export function connectHealth(address: string, options: HealthOptions): HealthClient {
  const client = connectRpc(HealthDefinition, address, {
    transport: options.transport,
    ...(options.serverName === undefined ? {} : { serverName: options.serverName }),
    deadlineMs: options.timeoutMs ?? 2_000,
  });
  return {
    async ask() {
      try {
        const { status } = await client.check({ service: '' });
        // 1 is SERVING in grpc.health.v1.HealthCheckResponse.ServingStatus.
        return { health: Number(status) === 1 ? 'SERVING' : 'NOT_SERVING' };
      } catch (error) {
        return { health: 'UNREACHABLE', error: toAppError(error) };
      }
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/** What the server at host:port says of itself. Never fails. */
export async function checkHealth(address: string, options: HealthOptions): Promise<Health> {
  await using client = connectHealth(address, options);
  return (await client.ask()).health;
}
