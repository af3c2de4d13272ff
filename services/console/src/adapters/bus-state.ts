import type { Bus } from '@sealtrack/bus/bus';
import { consumerBacklog } from '@sealtrack/bus/consumer-backlog';
import { countDeadLetters } from '@sealtrack/bus/dead-letters';
import { STREAMS } from '@sealtrack/contracts/subjects';
import type { BusState } from '../live-state.ts';
import { lettersOf } from './dead-letter-subjects.ts';

/** The durable consumers of the services that work off what waits. */
const ENCRYPTORS = 'media-encryptor';
const INDEX = 'metadata-processor';

export const createBusState = (bus: Bus): BusState => ({
  async backlog() {
    const [captures = null, events = null] = await Promise.all([
      consumerBacklog(bus, STREAMS.captures, ENCRYPTORS),
      consumerBacklog(bus, STREAMS.events, INDEX),
    ]);
    return { captures, events };
  },
  countDeadLetters: (tenantId) => countDeadLetters(bus, lettersOf(tenantId)),
});
