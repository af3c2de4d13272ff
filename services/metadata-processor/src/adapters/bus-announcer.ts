import type { Bus } from '@sealtrack/bus/bus';
import { publishEvent } from '@sealtrack/bus/publish';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { Announcer } from '../ports.ts';

export function createBusAnnouncer(bus: Bus): Announcer {
  return {
    async recordingStored({ tenantId, recordingId, profileId, storedAt }, traceparent) {
      await publishEvent(bus, {
        subject: SUBJECTS.event(tenantId, 'recording', 'stored'),
        kind: EVENT_KINDS.recordingStored,
        id: `${tenantId}/${recordingId}/stored`,
        source: 'metadata-processor',
        data: { tenantId, recordingId, profileId, storedAt },
        traceparent,
      });
    },
  };
}
