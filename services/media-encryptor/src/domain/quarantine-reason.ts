import type { MediaType } from '@sealtrack/ids/media-types';
import type { Judged } from './choose-recipients.ts';
import type { CertificateProblem } from './profile.ts';

/** What keeps a certificate from being used: a closed set, unlike the problems of chains, for metrics and alarms. */
export const UNUSABLE = ['expired', 'not-yet-valid', 'revoked', 'chain-broken', 'too-weak'] as const;
export type Unusable = (typeof UNUSABLE)[number];

/** Why a recording is sealed to the holding key. */
export const QUARANTINE_REASONS = [
  'none-assigned',
  ...UNUSABLE,
  'profile-deleted',
  'profile-refused',
] as const;
export type QuarantineReason = (typeof QUARANTINE_REASONS)[number];

export function unusableBecause(problem: CertificateProblem): Unusable {
  switch (problem) {
    case 'expired':
    case 'not-yet-valid':
    case 'revoked':
    case 'too-weak':
      return problem;
    case 'key-refused':
    case 'signature-algorithm-refused':
      return 'too-weak';
    default:
      return 'chain-broken';
  }
}

/** What has to be done something about first: a certificate that only has to be waited for comes last. */
const BY_URGENCY: readonly Unusable[] = ['revoked', 'expired', 'chain-broken', 'too-weak', 'not-yet-valid'];

/** The one reason that stands for all. */
export function reasonFor(unusable: readonly Judged[]): QuarantineReason {
  const reasons = new Set(unusable.map(({ problem }) => unusableBecause(problem)));
  return BY_URGENCY.find((reason) => reasons.has(reason)) ?? 'none-assigned';
}

export interface QuarantinedRecording {
  readonly profileId: string;
  readonly mediaType: MediaType;
  readonly reason: string;
}

export interface Alarm {
  readonly message: string;
  readonly nextStep: string;
}

/** For people: made of what the manifest has, so that it can be said again. */
export function quarantineAlarm({ profileId, mediaType, reason }: QuarantinedRecording): Alarm {
  const of = `IVR profile ${profileId}`;
  const assign = `Assign a valid certificate for ${mediaType}: sealtrack profiles assign ${profileId} <certificate-id>. Recordings that are held are then sealed to it by themselves.`;
  switch (reason) {
    case 'profile-deleted':
      return {
        message: `${of} is deleted, and recordings still arrive for it`,
        nextStep: `Have the pipeline stop, or use another profile. To get what is held: create profile ${profileId} again and assign certificates to it.`,
      };
    case 'profile-refused':
      return {
        message: `${of} cannot be used by this encryptor`,
        nextStep: `sealtrack profiles rollout ${profileId} says why. Save the profile anew, or upgrade the encryptor.`,
      };
    case 'none-assigned':
      return { message: `${of} has no certificate assigned for ${mediaType}`, nextStep: assign };
    default:
      return {
        message: `No certificate of ${of} for ${mediaType} can be used at this time (${reason})`,
        nextStep: assign,
      };
  }
}
