/** What an event says of recordings that is counted. */
export interface Measured {
  /** Recordings that were encrypted: 1 or 0. */
  readonly encrypted: number;
  /** Of their plaintext. */
  readonly bytes: number;
  /** From being handed over to being found in the index, where both are known. */
  readonly latencyMs: number | undefined;
}

const NOTHING: Measured = { encrypted: 0, bytes: 0, latencyMs: undefined };

export interface RecordingEvent {
  readonly tenantId: string;
  readonly kind: string;
  /** Proto3 JSON. Asked for only where it is of use. */
  body(): unknown;
}

/** Recordings on their way between two events. More than these in flight at once are not measured; they are counted all the same. */
const IN_FLIGHT = 10_000;

/**
 * Remembers when recordings were handed over until they are stored. One that is stored before its other event came, or twice, is not
 * measured.
 */
export function createMeasure(): (event: RecordingEvent) => Measured {
  const capturedAt = new Map<string, number>();
  const handedOver = (key: string, at: unknown): void => {
    const time = timeOf(at);
    if (time === undefined) return;
    const [oldest] = capturedAt.keys();
    if (capturedAt.size >= IN_FLIGHT && oldest !== undefined) capturedAt.delete(oldest);
    capturedAt.set(key, time);
  };
  return (event) => {
    if (!KINDS.has(event.kind)) return NOTHING;
    const body = objectOf(event.body());
    const key = `${event.tenantId}/${String(body.recordingId ?? '')}`;
    if (event.kind === STORED) {
      const [from, to] = [capturedAt.get(key), timeOf(body.storedAt)];
      capturedAt.delete(key);
      return from === undefined || to === undefined
        ? NOTHING
        : { ...NOTHING, latencyMs: Math.max(0, to - from) };
    }
    handedOver(key, body.capturedAt);
    return event.kind === ENCRYPTED
      ? { encrypted: 1, bytes: bytesOf(body.media), latencyMs: undefined }
      : NOTHING;
  };
}

export const ENCRYPTED = 'recording.encrypted';
export const STORED = 'recording.stored';
const KINDS = new Set([ENCRYPTED, 'recording.kept-in-clear', STORED]);

const objectOf = (json: unknown): Readonly<Record<string, unknown>> =>
  typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};

function timeOf(text: unknown): number | undefined {
  const time = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** Sizes are text there, as all numbers of 64 bits are. */
function bytesOf(media: unknown): number {
  let bytes = 0;
  for (const each of Array.isArray(media) ? media : [])
    bytes += Number(objectOf(each).plaintextSize ?? 0) || 0;
  return bytes;
}
