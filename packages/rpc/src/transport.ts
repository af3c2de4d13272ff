import { ChannelCredentials, ServerCredentials } from '@grpc/grpc-js';
import { PLAINTEXT, type Transport } from '@sealtrack/tls/tls';

/** How every server of this system proves itself and encrypts: the one place that decides. */
export function serverCredentials(transport: Transport): ServerCredentials {
  if (transport === PLAINTEXT) return ServerCredentials.createInsecure();
  throw new Error('TLS is not there yet');
}

/** How every channel of this system proves itself and encrypts: the one place that decides. */
export function channelCredentials(transport: Transport): ChannelCredentials {
  if (transport === PLAINTEXT) return ChannelCredentials.createInsecure();
  throw new Error('TLS is not there yet');
}
