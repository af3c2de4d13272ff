import type { Bus } from '@sealtrack/bus/bus';
import { publishEvent } from '@sealtrack/bus/publish';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { Log } from '@sealtrack/service-kit/logger';
import type { Announcer } from '../ports.ts';

export function createBusAnnouncer(bus: Bus, log: Log): Announcer {
  return {
    async profileChanged({ tenantId, profileId, revision, certificates }) {
      try {
        await publishEvent(bus, {
          subject: SUBJECTS.event(tenantId, 'profile', 'changed'),
          kind: EVENT_KINDS.profileChanged,
          id: `${tenantId}/${profileId}/${revision}`,
          source: 'profile-config',
          data: {
            tenantId,
            profileId,
            revision,
            certificateIds: certificates.map((each) => each.certificateId),
          },
        });
      } catch (error) {
        log.warn({ err: error, profileId }, 'the notice of a profile change could not be said');
      }
    },
  };
}
