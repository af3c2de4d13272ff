import type { Bus } from '@sealtrack/bus/bus';
import { publishEvent } from '@sealtrack/bus/publish';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import { recordingEncrypted } from '../domain/recording-encrypted.ts';
import type { Announcer } from '../ports.ts';

/** A pipeline waits for its receipt meanwhile, and the mark makes up for an event that did not get out. */
const TIMEOUT_MS = 2_000;

/** The bus may not be there yet. */
export function createBusAnnouncer(current: () => Bus | undefined): Announcer {
  return {
    ready: () => current()?.connected() ?? false,
    async recordingEncrypted(manifest, manifestKey, traceparent) {
      const bus = current();
      if (!bus?.connected())
        throw new AppError('BUS_UNAVAILABLE', 'The bus is not connected', {
          fix: 'Start NATS; events follow by themselves.',
        });
      const { tenantId, recordingId } = manifest;
      await publishEvent(
        bus,
        {
          subject: SUBJECTS.event(tenantId, 'recording', 'encrypted'),
          kind: EVENT_KINDS.recordingEncrypted,
          id: `${tenantId}/${recordingId}/encrypted`,
          source: 'media-encryptor',
          time: new Date(manifest.encryptedAt),
          data: recordingEncrypted(manifest, manifestKey),
          traceparent,
        },
        { timeoutMs: TIMEOUT_MS },
      );
    },
  };
}
