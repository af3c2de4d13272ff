import type { FedEvent } from '../fed-event.ts';

export function someEvent(tenantId: string, kind: string, body: object = {}, id = 'x'): FedEvent {
  return {
    ...{ tenantId, kind, body: () => body },
    searchable: () => `${kind}\n${JSON.stringify(body)}`.toLowerCase(),
    shown: () => ({ id, kind, at: '', source: 'test', traceId: null, payload: body }),
  };
}

/** A recording that takes so long from being handed over to being stored. */
export const someRecording = (
  tenantId: string,
  recordingId: string,
  bytes: number,
  ms: number,
): FedEvent[] => [
  someEvent(tenantId, 'recording.encrypted', {
    ...{ recordingId, capturedAt: new Date(1_000_000).toISOString() },
    media: [{ plaintextSize: String(bytes) }],
  }),
  someEvent(tenantId, 'recording.stored', { recordingId, storedAt: new Date(1_000_000 + ms).toISOString() }),
];
