import type { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { KnownRecording } from '../ports.ts';

/**
 * What the event of its encryption adds to a recording that was heard of first when it was re-wrapped: the trace, and why it was
 * held. Undefined when that is known, or there is nothing to know.
 */
export function amend(known: KnownRecording, encrypted: Recording): KnownRecording | undefined {
  const { recording, heldFor } = known;
  if (recording.rewrappedAt === undefined) return undefined;
  const traceId = recording.traceId || encrypted.traceId;
  const held = heldFor || encrypted.quarantineReason;
  if (traceId === recording.traceId && held === heldFor) return undefined;
  return { recording: { ...recording, traceId }, heldFor: held };
}
