import { ChannelCredentials, ServerCredentials } from '@grpc/grpc-js';
import { PLAINTEXT, type Transport } from '@sealtrack/tls/tls';
import { type Failed, tlsChannelCredentials } from './channel-credentials.ts';
import { listenGuarded } from './guarded-server.ts';
import type { RpcLog } from './log.ts';

/** How every server of this system proves itself and encrypts: the one place that decides. */
export const listenWith = <Result>(
  transport: Transport,
  log: RpcLog,
  listen: (credentials: ServerCredentials) => Promise<Result>,
): Promise<Result> =>
  transport === PLAINTEXT
    ? listen(ServerCredentials.createInsecure())
    : listenGuarded(transport, log, listen);

/** The host of host:port or [host]:port. */
const hostOf = (address: string) => address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');

export interface Way {
  readonly credentials: ChannelCredentials;
  /** What the last connection failed with, when it was refused here or there. */
  failed(): Failed | undefined;
}

/** How every channel of this system proves itself and encrypts: the one place that decides. */
export function wayTo(address: string, transport: Transport, serverName = hostOf(address)): Way {
  if (transport === PLAINTEXT)
    return { credentials: ChannelCredentials.createInsecure(), failed: () => undefined };
  const credentials = tlsChannelCredentials(transport, { address, serverName });
  return { credentials, failed: () => credentials.failed };
}
