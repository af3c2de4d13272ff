import { randomUUID } from 'node:crypto';
import type { Bus } from '@sealtrack/bus/bus';
import { openObjectStore } from '@sealtrack/bus/object-store';
import { publishEvent } from '@sealtrack/bus/publish';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import type { RecordingHeader } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { BUCKETS, SUBJECTS } from '@sealtrack/contracts/subjects';
import { newTraceparent } from './traceparent.ts';

export interface Capture {
  /** Bytes of media put into the Object Store. */
  readonly size: number;
  /** Of the capture event, in the stream CAPTURES. */
  readonly sequence: number;
}

/**
 * Hands one media file over on the bus: the media into the Object Store, then the event that points to it. When it
 * resolves, the bus keeps both; encrypting follows. Errors: BUS_UNAVAILABLE, STORE_FULL, or what `content` throws.
 */
export async function putCapture(
  bus: Bus,
  header: RecordingHeader,
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<Capture> {
  const { tenantId, profileId, recordingId } = header;
  const store = await openObjectStore(bus, BUCKETS.captures);
  // Of its own for every attempt: two captures of one id never overwrite each other's media.
  const name = `${tenantId}/${recordingId}/${randomUUID()}`;
  const { size } = await store.put(name, content);
  try {
    const { sequence } = await publishEvent(
      bus,
      {
        subject: SUBJECTS.capture(tenantId, profileId),
        kind: EVENT_KINDS.recordingCaptured,
        id: randomUUID(),
        source: '/sealtrack-cli',
        data: { ...header, object: { bucket: BUCKETS.captures, name } },
        traceparent: newTraceparent(),
      },
      { signal },
    );
    return { size, sequence };
  } catch (error) {
    // Nobody will come for it; if this fails too, the bucket's time limit removes it.
    await store.delete(name).catch(() => {});
    throw error;
  }
}
