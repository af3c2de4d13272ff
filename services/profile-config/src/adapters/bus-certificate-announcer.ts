import type { Bus } from '@sealtrack/bus/bus';
import { publishEvent } from '@sealtrack/bus/publish';
import { EVENT_KINDS, type EventKind } from '@sealtrack/contracts/event-kinds';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { CertificateAnnouncer } from '../ports.ts';

interface OfCertificate {
  readonly tenantId: string;
  readonly certificateId: string;
}

/** The ids of the events are the same for whoever says them: at the same time, or after a crash. */
export function createBusCertificateAnnouncer(bus: Bus): CertificateAnnouncer {
  const say = async <T extends OfCertificate>(
    happened: string,
    kind: EventKind<T>,
    part: string,
    data: T,
  ) => {
    const { tenantId, certificateId } = data;
    await publishEvent(bus, {
      ...{ kind, data, source: 'profile-config' },
      subject: SUBJECTS.event(tenantId, 'certificate', happened),
      id: `${tenantId}/${certificateId}/${happened}${part}`,
    });
  };
  return {
    expiring: (certificate) =>
      certificate.withinDays === 0
        ? say('expired', EVENT_KINDS.certificateExpired, '', certificate)
        : say('expiring', EVENT_KINDS.certificateExpiring, `/${certificate.withinDays}`, certificate),
    revoked: (certificate) => say('revoked', EVENT_KINDS.certificateRevoked, '', certificate),
  };
}
