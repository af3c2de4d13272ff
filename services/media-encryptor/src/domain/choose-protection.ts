import { AppError } from '@sealtrack/errors/app-error';
import type { MediaType, Policy } from '@sealtrack/ids/media-types';
import { chooseRecipients, type Judged } from './choose-recipients.ts';
import type { MediaSettings, ProfileCertificate, ProfileInForce } from './profile.ts';
import { type QuarantineReason, quarantineAlarm, reasonFor } from './quarantine-reason.ts';

export type Protection = Sealed | Held | Clear;

export interface Sealed {
  readonly kind: 'sealed';
  /** One or more. */
  readonly recipients: readonly ProfileCertificate[];
  /** Certificates that were to be used and cannot be, beside those that can: worth a warning. */
  readonly leftOut: readonly Judged[];
}

/** Sealed to the tenant's holding key, until a certificate can be used. */
export interface Held {
  readonly kind: 'held';
  readonly recipients: readonly [ProfileCertificate];
  readonly reason: QuarantineReason;
}

export interface Clear {
  readonly kind: 'clear';
  readonly policy: Exclude<Policy, 'required'>;
  readonly reason: QuarantineReason | 'policy-off';
}

/**
 * How a recording that begins to be stored at `now` is protected. In clear only when somebody chose so for a profile that
 * is there and can be used: no certificate that is missing, expired or removed does that.
 * @throws AppError NO_USABLE_CERTIFICATE when it would have to be held and the tenant has no holding key.
 */
export function chooseProtection(inForce: ProfileInForce, mediaType: MediaType, now: Date): Protection {
  const { unusable: gone } = inForce.profile;
  if (gone !== undefined) return hold(inForce, mediaType, gone);
  const settings = settingsOf(inForce, mediaType);
  if (settings.policy === 'off') return { kind: 'clear', policy: 'off', reason: 'policy-off' };
  const { recipients, unusable } = chooseRecipients(settings, now);
  // One that is assigned in advance is as it should be.
  const leftOut = unusable.filter(({ problem }) => problem !== 'not-yet-valid');
  if (recipients.length > 0) return { kind: 'sealed', recipients, leftOut };
  const reason = reasonFor(unusable);
  if (settings.policy === 'optional') return { kind: 'clear', policy: 'optional', reason };
  return hold(inForce, mediaType, reason);
}

/**
 * Whom a held recording is sealed to instead, as its profile is now; nobody while it has to stay. What the policy has
 * become does not matter: what was held is never put in clear.
 */
export function recipientsForHeld(
  inForce: ProfileInForce,
  mediaType: MediaType,
  now: Date,
): readonly ProfileCertificate[] {
  if (inForce.profile.unusable !== undefined) return [];
  return chooseRecipients(settingsOf(inForce, mediaType), now).recipients;
}

function settingsOf({ profile, screen }: ProfileInForce, mediaType: MediaType): MediaSettings {
  switch (mediaType) {
    case 'voice':
      return profile.settings;
    case 'screen':
      return profile.own.screen ?? screen ?? profile.settings;
    case 'digital':
      return profile.own.digital ?? profile.settings;
  }
}

function hold({ profile, holding }: ProfileInForce, mediaType: MediaType, reason: QuarantineReason): Held {
  if (holding !== undefined) return { kind: 'held', recipients: [holding], reason };
  const { profileId } = profile;
  const { message, nextStep } = quarantineAlarm({ profileId, mediaType, reason });
  throw new AppError('NO_USABLE_CERTIFICATE', `${message}, and the tenant has no holding key yet`, {
    fix: `${nextStep} Then send the recording again, or retry its capture. profile-config makes the holding key when it and a crypto-server that is unsealed run.`,
    details: { profile_id: profileId, media_type: mediaType, reason },
  });
}
