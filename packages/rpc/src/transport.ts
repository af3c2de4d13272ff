import { ChannelCredentials, ServerCredentials } from '@grpc/grpc-js';

/** How every server of this system proves itself and encrypts: the one place that decides. */
export const serverCredentials = (): ServerCredentials => ServerCredentials.createInsecure();

/** How every channel of this system proves itself and encrypts: the one place that decides. */
export const channelCredentials = (): ChannelCredentials => ChannelCredentials.createInsecure();
