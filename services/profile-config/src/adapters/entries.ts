import type { KvEntry } from '@sealtrack/bus/kv';
import { IvrProfile, ScreenSettings } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import { isProfileId, isTenantId } from '@sealtrack/ids/ids';
import { SCREEN, type Settings } from '../domain/assigned-certificates.ts';
import { normalProfile, normalScreenSettings } from '../domain/profile.ts';

/** NATS takes messages of 1 MB, headers and the copy in a dead letter included. */
const MAX_BYTES = 900_000;

interface Message<T> {
  toJSON(message: T): unknown;
  fromJSON(json: unknown): T;
}

/** The value of an entry: proto3 JSON. Throws INVALID_ARGUMENT. */
export function encodeEntry<T>(message: Message<T>, content: T, maxBytes = MAX_BYTES): Uint8Array {
  const value = Buffer.from(JSON.stringify(message.toJSON(content)));
  if (value.length <= maxBytes) return value;
  throw new AppError('INVALID_ARGUMENT', 'These are more certificates than fit into one entry', {
    fix: 'Assign fewer certificates, or ones with shorter chains.',
    details: { field: 'certificate_ids', bytes: String(value.length), max_bytes: String(maxBytes) },
  });
}

/** Without the revision, which the bucket has. Throws INVALID_ARGUMENT. */
export const encodeSettings = ({ kind, value }: Settings, maxBytes?: number): Uint8Array =>
  kind === 'screen'
    ? encodeEntry(ScreenSettings, { ...value, revision: 0n }, maxBytes)
    : encodeEntry(IvrProfile, { ...value, revision: 0n }, maxBytes);

/** Throws CONFIG_INVALID. */
export function decodeEntry<T>(message: Message<T>, { key, value, revision }: KvEntry): T {
  try {
    return message.fromJSON(JSON.parse(Buffer.from(value).toString()));
  } catch (cause) {
    throw unreadable({ key, revision }, cause);
  }
}

/** Tenant and profile are those of the key, as encryptors take them. Each throws CONFIG_INVALID. */
export function decodeProfile(entry: KvEntry): IvrProfile {
  const [tenantId = '', profileId = ''] = entry.key.split('.');
  const profile = normalProfile(decodeEntry(IvrProfile, entry));
  return { ...profile, tenantId, profileId, revision: BigInt(entry.revision) };
}

export function decodeScreenSettings(entry: KvEntry): ScreenSettings {
  const [tenantId = ''] = entry.key.split('.');
  const settings = normalScreenSettings(decodeEntry(ScreenSettings, entry));
  return { ...settings, tenantId, revision: BigInt(entry.revision) };
}

export function decodeSettings(entry: KvEntry): Settings {
  const [tenantId = '', holder = '', ...more] = entry.key.split('.');
  const isKnown = isTenantId(tenantId) && more.length === 0;
  if (isKnown && holder === SCREEN) return { kind: 'screen', value: decodeScreenSettings(entry) };
  if (isKnown && isProfileId(holder)) return { kind: 'profile', value: decodeProfile(entry) };
  throw unreadable(entry, new Error('the key is not one of a profile or of screen settings'));
}

const unreadable = ({ key, revision }: Pick<KvEntry, 'key' | 'revision'>, cause: unknown): AppError =>
  new AppError('CONFIG_INVALID', `The entry ${key} of the bucket profiles cannot be read`, {
    fix: `Somebody else wrote it. Take it away (nats kv del profiles ${key}), and save it anew.`,
    details: { key, revision: String(revision) },
    cause,
  });
