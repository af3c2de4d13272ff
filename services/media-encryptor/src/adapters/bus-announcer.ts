import type { Bus } from '@sealtrack/bus/bus';
import { publishEvent } from '@sealtrack/bus/publish';
import { EVENT_KINDS, type EventKind } from '@sealtrack/contracts/event-kinds';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { Manifest } from '@sealtrack/envelope/manifest';
import { AppError } from '@sealtrack/errors/app-error';
import {
  recordingEncrypted,
  recordingKeptInClear,
  recordingQuarantined,
  recordingRewrapped,
} from '../domain/recording-events.ts';
import type { Announcer } from '../ports.ts';

/** A pipeline waits for its receipt meanwhile, and the mark makes up for an event that did not get out. */
const TIMEOUT_MS = 2_000;

interface Said<T> {
  readonly kind: EventKind<T>;
  readonly happened: string;
  readonly time: string;
  /** What tells it from another event of this kind about the same recording. */
  readonly which?: string;
  readonly data: T;
}

/** The bus may not be there yet. */
export function createBusAnnouncer(current: () => Bus | undefined): Announcer {
  async function say<T>(manifest: Manifest, event: Said<T>, traceparent: string): Promise<void> {
    const bus = current();
    if (!bus?.connected())
      throw new AppError('BUS_UNAVAILABLE', 'The bus is not connected', {
        fix: 'Start NATS; events follow by themselves.',
      });
    const { tenantId, recordingId } = manifest;
    const { kind, happened, time, which, data } = event;
    const id = `${tenantId}/${recordingId}/${happened}${which === undefined ? '' : `/${which}`}`;
    await publishEvent(
      bus,
      {
        subject: SUBJECTS.event(tenantId, 'recording', happened),
        kind,
        id,
        source: 'media-encryptor',
        time: new Date(time),
        data,
        traceparent,
      },
      { timeoutMs: TIMEOUT_MS },
    );
  }

  return {
    ready: () => current()?.connected() ?? false,
    async stored(manifest, manifestKey, traceparent) {
      const time = manifest.encryptedAt;
      if (manifest.inClear !== undefined) {
        const data = recordingKeptInClear(manifest, manifestKey);
        const kind = EVENT_KINDS.recordingKeptInClear;
        return await say(manifest, { kind, happened: 'kept-in-clear', time, data }, traceparent);
      }
      const data = recordingEncrypted(manifest, manifestKey);
      const kind = EVENT_KINDS.recordingEncrypted;
      await say(manifest, { kind, happened: 'encrypted', time, data }, traceparent);
      if (manifest.quarantine === undefined) return;
      const alarm = recordingQuarantined(manifest);
      const alarmKind = EVENT_KINDS.recordingQuarantined;
      await say(manifest, { kind: alarmKind, happened: 'quarantined', time, data: alarm }, traceparent);
    },
    async rewrapped(manifest, manifestKey) {
      const time = manifest.rewrappedAt ?? manifest.encryptedAt;
      const data = recordingRewrapped(manifest, manifestKey);
      const kind = EVENT_KINDS.recordingRewrapped;
      await say(manifest, { kind, happened: 'rewrapped', time, which: time, data }, '');
    },
  };
}
