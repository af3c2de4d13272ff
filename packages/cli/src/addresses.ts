import { AppError } from '@sealtrack/errors/app-error';
import { type CurrentSystem, type Discovery, findCurrentSystem } from './current-system.ts';
import type { Io } from './io.ts';

/** Everything a command may want to reach, with its option and its environment variable. */
export const TARGETS = {
  ingest: {
    option: 'ingestAddress',
    flag: '--ingest-address',
    env: 'SEALTRACK_INGEST_ADDRESS',
    what: 'media-encryptor',
  },
  recordings: {
    option: 'recordingsAddress',
    flag: '--recordings-address',
    env: 'SEALTRACK_RECORDINGS_ADDRESS',
    what: 'metadata-processor',
  },
  crypto: {
    option: 'cryptoAddress',
    flag: '--crypto-address',
    env: 'SEALTRACK_CRYPTO_ADDRESS',
    what: 'crypto-server',
  },
  profiles: {
    option: 'profilesAddress',
    flag: '--profiles-address',
    env: 'SEALTRACK_PROFILES_ADDRESS',
    what: 'profile-config',
  },
  nats: { option: 'natsUrl', flag: '--nats-url', env: 'SEALTRACK_NATS_URL', what: 'NATS' },
} as const;

export type Target = keyof typeof TARGETS;
export type AddressOptions = { readonly [T in Target as (typeof TARGETS)[T]['option']]?: string };

export interface Addresses {
  /** Throws SERVICE_UNAVAILABLE when nobody said where it is and nothing runs here. */
  of(target: Target): string;
  find(target: Target): string | undefined;
  /** The running system that has announced the address; undefined for one that somebody told, and for none. */
  discoveredBy(target: Target): CurrentSystem | undefined;
}

/** Options win over the environment, and both over the system that runs in this workspace. */
export function createAddresses(
  options: AddressOptions,
  io: Pick<Io, 'env' | 'cwd'>,
  discover: (cwd: string) => Discovery = findCurrentSystem,
): Addresses {
  let discovery: Discovery | undefined;
  const discovered = (): Discovery => {
    discovery ??= discover(io.cwd);
    return discovery;
  };
  const told = (target: Target): string | undefined => {
    const { option, env } = TARGETS[target];
    return options[option] || io.env[env] || undefined;
  };
  const discoveredBy = (target: Target): CurrentSystem | undefined =>
    told(target) === undefined ? discovered().found : undefined;
  const find = (target: Target): string | undefined => {
    const address = told(target);
    if (address !== undefined) return address;
    const system = discoveredBy(target);
    return target === 'nats' ? system?.natsUrl : system?.addresses[target];
  };
  const of = (target: Target): string => {
    const address = find(target);
    if (address !== undefined) return address;
    throw nothingRuns(target, discovered());
  };
  return { of, find, discoveredBy };
}

function nothingRuns(target: Target, discovery: Discovery): AppError {
  const { flag, env, what } = TARGETS[target];
  const stale = discovery.found === undefined ? discovery.stale : undefined;
  const left = stale === undefined ? '' : ` The one that ran here (process ${stale.pid}) has ended.`;
  return new AppError('SERVICE_UNAVAILABLE', `Nothing is running here.${left}`, {
    fix: `Start it: npm start. Or say where ${what} is: ${flag} or ${env}.`,
    details: { service: what, ...(stale === undefined ? {} : { stale: stale.file }) },
  });
}
