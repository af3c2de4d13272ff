import type { Bus } from '@sealtrack/bus/bus';
import { publishEvent } from '@sealtrack/bus/publish';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { Log } from '@sealtrack/service-kit/logger';
import type { Announcer } from '../ports.ts';

/** Somebody waits for the answer to a change, which does not depend on this. */
const TIMEOUT_MS = 2_000;

export function createBusAnnouncer(bus: Bus, log: Log): Announcer {
  return {
    async profileChanged({ tenantId, profileId, revision, certificates }) {
      try {
        await publishEvent(
          bus,
          {
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
          },
          { timeoutMs: TIMEOUT_MS },
        );
      } catch (error) {
        log.warn({ err: error, profileId }, 'the notice of a profile change could not be said');
      }
    },
  };
}
