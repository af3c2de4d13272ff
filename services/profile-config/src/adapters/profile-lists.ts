import type {
  AssignedCertificate,
  IvrProfile,
  MediaSettings,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { isTenantId, type TenantId } from '@sealtrack/ids/ids';
import { SCREEN } from '../domain/assigned-certificates.ts';
import { compareProfileIds } from '../domain/profile-ids.ts';
import type { ProfileLists } from '../ports.ts';
import type { BucketWatch, EntryChange } from './bucket-watch.ts';

interface Tenant {
  readonly profiles: Map<string, IvrProfile>;
  /** Of `profiles`; undefined when it has to be made anew. */
  sorted: readonly IvrProfile[] | undefined;
  screen: ReadonlySet<string>;
  /** Of every entry, also of those that cannot be read. */
  readonly names: Set<string>;
}

export interface WatchedLists extends ProfileLists {
  /** Tenants that have profiles or screen settings, and no holding key. */
  withoutHoldingKey(): readonly TenantId[];
  withHoldingKey(): readonly TenantId[];
}

export function createProfileLists(watch: Pick<BucketWatch, 'onChange' | 'upToDate'>): WatchedLists {
  const tenants = new Map<string, Tenant>();
  watch.onChange((change) => apply(tenants, change));
  const tenantsWhere = (fits: (tenant: Tenant) => boolean): TenantId[] =>
    [...tenants].flatMap(([id, tenant]) => (fits(tenant) && isTenantId(id) ? [id] : []));
  return {
    withoutHoldingKey: () => tenantsWhere(({ names }) => names.size > 0 && !names.has('holding')),
    withHoldingKey: () => tenantsWhere(({ names }) => names.has('holding')),
    async list(tenantId) {
      await watch.upToDate();
      const tenant = tenants.get(tenantId);
      if (tenant === undefined) return [];
      tenant.sorted ??= [...tenant.profiles.values()].sort((a, b) =>
        compareProfileIds(a.profileId, b.profileId),
      );
      return tenant.sorted;
    },
    async screenCertificates(tenantId) {
      await watch.upToDate();
      return tenants.get(tenantId)?.screen ?? NONE;
    },
    async tenants() {
      await watch.upToDate();
      return tenantsWhere(({ names }) => names.size > 0).sort();
    },
  };
}

const NONE: ReadonlySet<string> = new Set();

function apply(tenants: Map<string, Tenant>, { key, isDeleted, settings }: EntryChange): void {
  const at = key.indexOf('.');
  const [tenantId, name] = [key.slice(0, at), key.slice(at + 1)];
  const tenant = tenants.get(tenantId) ?? {
    ...{ profiles: new Map(), sorted: undefined, screen: NONE, names: new Set() },
  };
  tenants.set(tenantId, tenant);
  if (isDeleted) tenant.names.delete(name);
  else tenant.names.add(name);
  tenant.sorted = undefined;
  if (name === SCREEN)
    tenant.screen = new Set(settings?.value.certificates.map(({ certificateId }) => certificateId));
  if (settings?.kind === 'profile') tenant.profiles.set(name, withoutBulk(settings.value));
  else tenant.profiles.delete(name);
}

const NO_BYTES = Buffer.alloc(0);

/** DER and chains are most of a profile. */
const withoutBulk = ({ certificates, screen, digital, ...profile }: IvrProfile): IvrProfile => ({
  ...profile,
  certificates: certificates.map(slim),
  screen: screen && slimSettings(screen),
  digital: digital && slimSettings(digital),
});

const slimSettings = (settings: MediaSettings): MediaSettings => ({
  ...settings,
  certificates: settings.certificates.map(slim),
});

const slim = (certificate: AssignedCertificate): AssignedCertificate => ({
  ...certificate,
  der: NO_BYTES,
  chain: [],
});
