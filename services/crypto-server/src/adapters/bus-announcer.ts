import type { Bus } from '@sealtrack/bus/bus';
import { publishEvent } from '@sealtrack/bus/publish';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { Log } from '@sealtrack/service-kit/logger';
import type { Announcer } from '../ports.ts';

/** Somebody waits for the answer to an import, which does not depend on this. */
const TIMEOUT_MS = 2_000;

export function createBusAnnouncer(bus: Bus, log: Log): Announcer {
  return {
    async certificateImported({ tenantId, certificateId, keyId, alias }) {
      try {
        await publishEvent(
          bus,
          {
            subject: SUBJECTS.event(tenantId, 'certificate', 'imported'),
            kind: EVENT_KINDS.certificateImported,
            id: `${tenantId}/${certificateId}/imported`,
            source: 'crypto-server',
            data: { tenantId, certificateId, keyId, alias },
          },
          { timeoutMs: TIMEOUT_MS },
        );
      } catch (error) {
        log.warn({ err: error, certificateId }, 'the notice of an import could not be said');
      }
    },
  };
}
