import type { Kv } from '@sealtrack/bus/kv';
import type { KvChange } from '@sealtrack/bus/kv-watch';
import { IvrProfile } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import { isProfileId, isTenantId, type TenantId } from '@sealtrack/ids/ids';
import type { Log } from '@sealtrack/service-kit/logger';
import { normalProfile } from '../domain/profile.ts';
import { compareProfileIds } from '../domain/profile-ids.ts';
import type { ProfileLists } from '../ports.ts';
import { decodeEntry } from './entries.ts';

export interface ProfileWatch extends ProfileLists {
  /** Tenants that have profiles or screen settings, and no holding key. */
  withoutHoldingKey(): readonly TenantId[];
  /** A list that is asked for from now on has this change in it. */
  wrote(revision: number): void;
  /** Resolves once everything there is has been read. */
  readonly ready: Promise<void>;
  /** Resolves when the signal ended the watch. */
  readonly done: Promise<void>;
}

interface Tenant {
  readonly profiles: Map<string, IvrProfile>;
  /** Of `profiles`; undefined when it has to be made anew. */
  sorted: readonly IvrProfile[] | undefined;
  /** Of every entry, also of those that cannot be read. */
  readonly names: Set<string>;
}

/** How long a list may wait for what is newer than what is in memory. */
const WAIT_MS = 2_000;

/** Follows the bucket, so that a list of ten thousand profiles costs the bus nothing. */
export function watchProfileLists(
  kv: Pick<Kv, 'watch'>,
  log: Log,
  signal: AbortSignal,
  waitMs = WAIT_MS,
): ProfileWatch {
  const tenants = new Map<string, Tenant>();
  const seen = { revision: 0, upToDate: false };
  let written = 0;
  let changed = Promise.withResolvers<void>();
  const { promise: ready, resolve: becomeReady } = Promise.withResolvers<void>();

  async function follow() {
    for await (const { entries, upToDate } of kv.watch({ signal })) {
      for (const change of entries) {
        apply(tenants, change, log);
        seen.revision = Math.max(seen.revision, change.revision);
      }
      seen.upToDate = upToDate;
      if (upToDate) becomeReady();
      changed.resolve();
      changed = Promise.withResolvers();
    }
  }

  async function reach(revision: number): Promise<void> {
    const isReached = () => seen.upToDate && seen.revision >= revision;
    if (isReached()) return;
    const late = Promise.withResolvers<void>();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      late.resolve();
    }, waitMs);
    while (!isReached() && !isLate) await Promise.race([changed.promise, late.promise]);
    clearTimeout(timer);
    if (!seen.upToDate) throw unknown();
    // A bucket that was put back from a backup may never reach it.
    if (written === revision) written = 0;
  }

  return {
    ready,
    done: follow(),
    wrote(revision) {
      written = Math.max(written, revision);
    },
    withoutHoldingKey: () =>
      [...tenants].flatMap(([tenantId, { names }]) =>
        names.size > 0 && !names.has('holding') && isTenantId(tenantId) ? [tenantId] : [],
      ),
    async list(tenantId) {
      await reach(written);
      const tenant = tenants.get(tenantId);
      if (tenant === undefined) return [];
      tenant.sorted ??= [...tenant.profiles.values()].sort((a, b) =>
        compareProfileIds(a.profileId, b.profileId),
      );
      return tenant.sorted;
    },
  };
}

/** Tells of everything that is written, so that whoever wrote it finds it in a list. */
export const noting = (kv: Kv, wrote: (revision: number) => void): Kv => {
  const noted = async (writing: Promise<number>): Promise<number> => {
    const revision = await writing;
    wrote(revision);
    return revision;
  };
  return {
    ...kv,
    create: (...entry) => noted(kv.create(...entry)),
    update: (...entry) => noted(kv.update(...entry)),
    put: (...entry) => noted(kv.put(...entry)),
  };
};

function apply(tenants: Map<string, Tenant>, { key, value, revision }: KvChange, log: Log): void {
  const at = key.indexOf('.');
  const [tenantId, name] = [key.slice(0, at), key.slice(at + 1)];
  const tenant = tenants.get(tenantId) ?? { profiles: new Map(), sorted: undefined, names: new Set() };
  tenants.set(tenantId, tenant);
  if (value === undefined) tenant.names.delete(name);
  else tenant.names.add(name);
  if (!isProfileId(name)) return;
  tenant.sorted = undefined;
  tenant.profiles.delete(name);
  if (value === undefined) return;
  try {
    const profile = normalProfile(decodeEntry(WITHOUT_BULK, { key, value, revision }));
    tenant.profiles.set(name, { ...profile, revision: BigInt(revision) });
  } catch (err) {
    // One damaged profile must not hide the others. Encryptors say so in their logs too.
    log.error({ err, profile: key, revision }, 'profile cannot be read: it is left out of the list');
  }
}

/** DER and chains, most of an entry, are not even decoded. */
const WITHOUT_BULK = {
  toJSON: IvrProfile.toJSON,
  fromJSON: (json: unknown): IvrProfile => {
    const { certificates = [], screen, digital, ...rest } = json as Record<string, unknown>;
    return IvrProfile.fromJSON({
      ...rest,
      certificates: listOf(certificates),
      ...(isObject(screen) ? { screen: { ...screen, certificates: listOf(screen.certificates) } } : {}),
      ...(isObject(digital) ? { digital: { ...digital, certificates: listOf(digital.certificates) } } : {}),
    });
  },
};

const isObject = (json: unknown): json is Record<string, unknown> =>
  typeof json === 'object' && json !== null;
const listOf = (json: unknown): unknown[] =>
  (Array.isArray(json) ? json : []).map((each: object) => ({ ...each, der: undefined, chain: undefined }));

const unknown = (): AppError =>
  new AppError('BUS_UNAVAILABLE', 'It is not known now which profiles there are', {
    fix: 'Check that NATS runs, then ask again.',
  });
