import { randomBytes } from 'node:crypto';
import type { CaptureHeader } from './capture-header.ts';
import { ciphertextKey, ciphertextName, manifestKey } from './layout.ts';

/** One go at storing a recording. Its mark lies in the store from before the manifest until after the event. */
export interface Attempt {
  readonly id: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly manifestKey: string;
  readonly ciphertextKey: string;
  /** The ciphertext's name beside the manifest. */
  readonly ciphertextName: string;
}

/** An attempt that takes longer is given up. */
export const MAX_ATTEMPT_MS = 6 * 60 * 60 * 1000;

/**
 * A mark this old without a manifest belongs to nobody, and its ciphertext may go. Far above MAX_ATTEMPT_MS, so that
 * clocks of two machines may differ by hours without a living attempt's ciphertext being taken for a dead one's.
 */
export const ABANDONED_AFTER_MS = 4 * MAX_ATTEMPT_MS;

export function newAttempt(header: CaptureHeader, now: Date): Attempt {
  const id = randomBytes(12).toString('hex');
  const name = ciphertextName(header.mediaId, id);
  return {
    id,
    startedAt: now.toISOString(),
    manifestKey: manifestKey(header.tenantId, header.recordingId),
    ciphertextKey: ciphertextKey(header.tenantId, header.recordingId, name),
    ciphertextName: name,
  };
}
