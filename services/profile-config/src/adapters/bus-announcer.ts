import type { Bus } from '@sealtrack/bus/bus';
import { publishEvent } from '@sealtrack/bus/publish';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { Log } from '@sealtrack/service-kit/logger';
import type { Announcer } from '../ports.ts';

/** Somebody waits for the answer to a change, which does not depend on this. */
const TIMEOUT_MS = 2_000;

export function createBusAnnouncer(bus: Bus, log: Log): Announcer {
  const announced = async (what: object, publish: Promise<unknown>): Promise<void> => {
    try {
      await publish;
    } catch (error) {
      log.warn({ err: error, ...what }, 'the notice of a change could not be said');
    }
  };
  const idsOf = (certificates: readonly { readonly certificateId: string }[]) =>
    certificates.map((each) => each.certificateId);

  return {
    profileChanged({ tenantId, profileId, revision, certificates, policy, deleted }) {
      const event = {
        subject: SUBJECTS.event(tenantId, 'profile', 'changed'),
        kind: EVENT_KINDS.profileChanged,
        id: `${tenantId}/${profileId}/${revision}`,
        source: 'profile-config',
        data: { tenantId, profileId, revision, certificateIds: idsOf(certificates), policy, deleted },
      };
      return announced({ profileId }, publishEvent(bus, event, { timeoutMs: TIMEOUT_MS }));
    },
    screenSettingsChanged({ tenantId, revision, certificates, policy }) {
      const event = {
        subject: SUBJECTS.event(tenantId, 'screen-settings', 'changed'),
        kind: EVENT_KINDS.screenSettingsChanged,
        id: `${tenantId}/screen/${revision}`,
        source: 'profile-config',
        data: { tenantId, revision, certificateIds: idsOf(certificates), policy },
      };
      return announced({ tenantId }, publishEvent(bus, event, { timeoutMs: TIMEOUT_MS }));
    },
  };
}
