import type { Metrics } from '@sealtrack/service-kit/metrics';
import type { Assignment } from './domain/assigned-certificates.ts';
import { countWithoutUsable, type Watched, type Within, withinOf } from './domain/expiry.ts';

export interface ExpiryMetrics {
  show(watched: readonly Watched[], assignments: readonly Assignment[], now: number): void;
}

const DAYS = { '60d': 60, '30d': 30, '14d': 14, '7d': 7, '1d': 1 } as const satisfies Record<string, Within>;

export function createExpiryMetrics(metrics: Metrics): ExpiryMetrics {
  const expiring = metrics.gauge(
    'sealtrack_certificates_expiring',
    'Certificates that are assigned and expire within these days, or have expired',
    { within: [...Object.keys(DAYS), 'expired'] as (keyof typeof DAYS | 'expired')[] },
  );
  const next = metrics.gauge(
    'sealtrack_next_certificate_expiry_timestamp_seconds',
    'When the next certificate that is assigned expires; +Inf when none does',
  );
  const without = metrics.gauge(
    'sealtrack_profiles_without_usable_certificate',
    'Profiles and screen settings that want encryption and have no certificate for it, by dates and revocation',
  );
  next.set(Number.POSITIVE_INFINITY);
  return {
    show(watched, assignments, now) {
      const withins = watched.map(({ end }) => withinOf(end, now));
      const count = (matches: (within: Within) => boolean) =>
        withins.filter((within) => within !== undefined && matches(within)).length;
      for (const [label, days] of Object.entries(DAYS))
        expiring.set(
          count((within) => within > 0 && within <= days),
          { within: label as keyof typeof DAYS },
        );
      expiring.set(
        count((within) => within === 0),
        { within: 'expired' },
      );
      const ahead = watched.map(({ end }) => end).filter((end) => end >= now);
      next.set(ahead.reduce((soonest, end) => Math.min(soonest, end), Number.POSITIVE_INFINITY) / 1000);
      without.set(countWithoutUsable(assignments, now));
    },
  };
}
