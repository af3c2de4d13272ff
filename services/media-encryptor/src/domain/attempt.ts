import { randomBytes } from 'node:crypto';
import type { Manifest } from '@sealtrack/envelope/manifest';
import { AppError } from '@sealtrack/errors/app-error';
import type { CaptureHeader } from './capture-header.ts';
import type { Protection } from './choose-protection.ts';
import { ciphertextKey, ciphertextName, manifestKey } from './layout.ts';
import { quarantineMark } from './quarantine-mark.ts';

/** One go at storing a recording. Its mark lies in the store from before the manifest until after the event. */
export interface Attempt {
  readonly id: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly manifestKey: string;
  readonly ciphertextKey: string;
  /** The ciphertext's name beside the manifest. */
  readonly ciphertextName: string;
  /** The mark of a recording that is held. */
  readonly quarantineKey?: string | undefined;
}

/** An attempt that takes longer is given up. */
export const MAX_ATTEMPT_MS = 6 * 60 * 60 * 1000;

/**
 * A mark this old without a manifest belongs to nobody, and its ciphertext may go. Far above MAX_ATTEMPT_MS, so that
 * clocks of two machines may differ by hours without a living attempt's ciphertext being taken for a dead one's.
 */
export const ABANDONED_AFTER_MS = 4 * MAX_ATTEMPT_MS;

export function newAttempt(header: CaptureHeader, protection: Protection['kind'], now: Date): Attempt {
  const id = randomBytes(12).toString('hex');
  const name = ciphertextName(header.mediaId, id, protection === 'clear');
  return {
    id,
    startedAt: now.toISOString(),
    manifestKey: manifestKey(header.tenantId, header.recordingId),
    ciphertextKey: ciphertextKey(header.tenantId, header.recordingId, name),
    ciphertextName: name,
    ...(protection === 'held' ? { quarantineKey: quarantineMark(header, id).key } : {}),
  };
}

/** Whether the manifest is this attempt's: its ciphertext is the recording then, and stays. */
export const isStored = (attempt: Attempt, manifest: Manifest | undefined): boolean =>
  manifest?.media.some(({ ciphertext }) => ciphertext === attempt.ciphertextName) ?? false;

const ageOf = ({ startedAt }: Attempt, now: Date): number => now.getTime() - new Date(startedAt).getTime();

/** Without a manifest, its ciphertext may go. */
export const isAbandoned = (attempt: Attempt, now: Date): boolean => ageOf(attempt, now) > ABANDONED_AFTER_MS;

/**
 * Asked before the manifest is written, by the clock that dated the mark: after a step of that clock, or a long sleep of
 * the machine, another encryptor may have removed the ciphertext. @throws AppError DEADLINE_EXCEEDED.
 */
export function checkInTime(attempt: Attempt, now: Date): void {
  if (ageOf(attempt, now) > MAX_ATTEMPT_MS) throw tookTooLong();
}

export const tookTooLong = (): AppError =>
  new AppError('DEADLINE_EXCEEDED', `The recording was not in after ${MAX_ATTEMPT_MS / 3_600_000} hours`, {
    fix: 'Send it again, faster, or in parts with ids of their own. Nothing of it was kept.',
  });
