import type { Bus } from '@sealtrack/bus/bus';
import { publishEvent } from '@sealtrack/bus/publish';
import { EVENT_KINDS, type EventKind } from '@sealtrack/contracts/event-kinds';
import type { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { Log } from '@sealtrack/service-kit/logger';
import type { Announcer } from '../ports.ts';

/** Somebody waits for the answer to a change, which does not depend on this. */
const TIMEOUT_MS = 2_000;

export function createBusAnnouncer(bus: Bus, log: Log): Announcer {
  async function say<T>(what: string, kind: EventKind<T>, { tenantId, certificateId }: Certificate, data: T) {
    try {
      const subject = SUBJECTS.event(tenantId, 'certificate', what);
      // A deletion can happen again after a restore: when, is a part of its name.
      const time = what === 'imported' ? '' : `/${Date.now()}`;
      const id = `${tenantId}/${certificateId}/${what}${time}`;
      await publishEvent(
        bus,
        { subject, kind, id, source: 'crypto-server', data },
        { timeoutMs: TIMEOUT_MS },
      );
    } catch (error) {
      log.warn({ err: error, certificateId }, `the notice of a certificate ${what} could not be said`);
    }
  }
  const facts = ({ tenantId, certificateId, keyId, alias }: Certificate) => ({
    ...{ tenantId, certificateId, keyId, alias },
  });
  return {
    certificateImported: (certificate) =>
      say('imported', EVENT_KINDS.certificateImported, certificate, facts(certificate)),
    certificateDeleted: (certificate) =>
      say('deleted', EVENT_KINDS.certificateDeleted, certificate, {
        ...facts(certificate),
        until: certificate.deletion?.until,
      }),
    certificateRestored: (certificate) =>
      say('restored', EVENT_KINDS.certificateRestored, certificate, facts(certificate)),
  };
}
