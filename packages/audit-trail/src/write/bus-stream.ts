import type { Bus } from '@sealtrack/bus/bus';
import { newestMessage } from '@sealtrack/bus/newest-message';
import { publishUntilStored } from '@sealtrack/bus/publish';
import { PublishInDoubt, publishOnce } from '@sealtrack/bus/publish-once';
import { untilConnected } from '@sealtrack/bus/wait';
import { STREAMS } from '@sealtrack/contracts/subjects';
import { type AuditStream, InDoubt } from './audit-stream.ts';

export const createBusStream = (bus: Bus): AuditStream => ({
  isReachable: () => bus.connected(),
  untilReachable: (withinMs) => untilConnected(bus, withinMs),
  send: (message, timeoutMs) =>
    publishOnce(bus, message, timeoutMs).catch((error: unknown) => {
      throw error instanceof PublishInDoubt ? new InDoubt(error.message, { cause: error }) : error;
    }),
  sendUntilStored: (message, timeoutMs) => publishUntilStored(bus, message, { timeoutMs }),
  newest: (subject) => newestMessage(bus, STREAMS.audit, subject),
});
