import type {
  CertificateExpiring,
  CertificateRevoked,
} from '@sealtrack/contracts/gen/sealtrack/events/v1/configuration';
import type { Assignment, Settings } from './domain/assigned-certificates.ts';

/** What is assigned, of all tenants. */
export interface AllSettings {
  /**
   * Every profile and every tenant's screen settings; not those that cannot be read, which is logged.
   * @throws AppError BUS_UNAVAILABLE
   */
  list(): Promise<readonly Assignment[]>;
}

export interface SettingsStore {
  /**
   * Replaces an entry by what `change` makes of it as it is now, and leaves it where that is undefined. Resolves to
   * whether it was replaced. What is not there, or cannot be read, is left too.
   * @throws AppError PROFILE_CONFLICT when somebody else changed it meanwhile; BUS_UNAVAILABLE
   */
  change(
    entry: Pick<Assignment, 'tenantId' | 'holder'>,
    change: (settings: Settings) => Settings | undefined,
  ): Promise<boolean>;
}

/** What was said and is not to be said again, for all processes and after restarts. Throws BUS_UNAVAILABLE. */
export interface Notices {
  has(name: string): Promise<boolean>;
  /** One that is there already is fine. */
  keep(name: string): Promise<void>;
}

/** Each resolves when the event is stored; said twice within minutes, it is stored once. Throws BUS_UNAVAILABLE, STORE_FULL. */
export interface CertificateAnnouncer {
  expiring(certificate: CertificateExpiring): Promise<void>;
  revoked(certificate: CertificateRevoked): Promise<void>;
}

export interface Revocations {
  /** The ids of a tenant's certificates that are revoked. Throws SERVICE_UNAVAILABLE, SEALED, … */
  of(tenantId: string, signal: AbortSignal): Promise<ReadonlySet<string>>;
}

export type Clock = () => Date;
