import type { Log } from '@sealtrack/service-kit/logger';
import type { Metrics } from '@sealtrack/service-kit/metrics';
import { QUARANTINE_REASONS, UNUSABLE } from './domain/quarantine-reason.ts';
import type { EncryptRecording } from './encrypt-recording.ts';

/** Counts what was stored, and puts into the log what was not stored as it should be. Retries do not count. */
export function countRecordings(encrypt: EncryptRecording, metrics: Metrics, log: Log): EncryptRecording {
  const encrypted = metrics.counter(
    'sealtrack_recordings_encrypted_total',
    'Recordings encrypted and stored',
  );
  const quarantined = metrics.counter(
    'sealtrack_recordings_quarantined_total',
    'Recordings sealed to the holding key because no certificate could be used',
    { reason: QUARANTINE_REASONS },
  );
  const keptInClear = metrics.counter(
    'sealtrack_recordings_kept_in_clear_total',
    'Recordings stored in clear, as the policy of their profile has it',
    { policy: ['optional', 'off'] },
  );
  return async (header, openMedia, context) => {
    const outcome = await encrypt(header, openMedia, context);
    const { manifest, duplicate } = outcome;
    if (duplicate) return outcome;
    const { tenantId, recordingId, profileId, quarantine, inClear } = manifest;
    const line = { tenantId, recordingId, profileId };
    if (inClear !== undefined) {
      keptInClear.add(1, { policy: inClear.policy });
      log.info({ ...line, ...inClear }, 'recording kept in clear');
      return outcome;
    }
    encrypted.add(1);
    const reason = QUARANTINE_REASONS.find((each) => each === quarantine?.reason);
    if (reason !== undefined) {
      quarantined.add(1, { reason });
      log.warn({ ...line, reason }, 'recording quarantined');
    }
    return outcome;
  };
}

export const quarantineMetrics = (metrics: Metrics) => ({
  inQuarantine: metrics.gauge(
    'sealtrack_recordings_in_quarantine',
    'Recordings sealed to the holding key when this encryptor last looked',
  ),
  released: metrics.counter(
    'sealtrack_recordings_released_total',
    'Recordings that were in quarantine and are sealed to the certificates of their profile now',
  ),
});

export const leftOutCounter = (metrics: Metrics) =>
  metrics.counter(
    'sealtrack_certificates_left_out_total',
    'Certificates that a recording was to be sealed to and could not be, beside others that it was sealed to',
    { problem: UNUSABLE },
  );
