import type { Transport } from '@sealtrack/tls/tls';
import { HealthDefinition } from 'nice-grpc-server-health';
import { connectRpc } from './client.ts';

export type Health = 'SERVING' | 'NOT_SERVING' | 'UNREACHABLE';

/** What the server at host:port says of itself within `timeoutMs` (2 s unless told). Never throws. */
export async function checkHealth(
  address: string,
  options: { readonly transport: Transport; readonly serverName?: string; readonly timeoutMs?: number },
): Promise<Health> {
  await using health = connectRpc(HealthDefinition, address, {
    transport: options.transport,
    ...(options.serverName === undefined ? {} : { serverName: options.serverName }),
    deadlineMs: options.timeoutMs ?? 2_000,
  });
  try {
    const { status } = await health.check({ service: '' });
    // 1 is SERVING in grpc.health.v1.HealthCheckResponse.ServingStatus.
    return Number(status) === 1 ? 'SERVING' : 'NOT_SERVING';
  } catch {
    return 'UNREACHABLE';
  }
}
