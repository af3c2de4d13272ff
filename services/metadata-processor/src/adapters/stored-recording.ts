import { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { KnownRecording } from '../ports.ts';

/**
 * An entry is the recording as proto3 JSON, and `heldFor` beside it, which readers of other versions pass over. Entries of older
 * versions have less.
 */
export const encodeStored = ({ recording, heldFor }: KnownRecording): string =>
  JSON.stringify({
    ...(Recording.toJSON(recording) as object),
    ...(heldFor === '' ? {} : { heldFor }),
  });

export function decodeStored(json: string): KnownRecording {
  const object = JSON.parse(json) as { readonly heldFor?: unknown };
  const recording = Recording.fromJSON(object);
  const heldFor = typeof object.heldFor === 'string' ? object.heldFor : recording.quarantineReason;
  return { recording, heldFor };
}
