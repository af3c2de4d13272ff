import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { sealBroken } from './jwe-format.ts';
import { isNamedKeyId } from './named-key.ts';
import { MAX_ROOT_BLOB, type Split, type WrappedRoot } from './unseal-provider.ts';
import { MAX_WRAPPED_LENGTH, RESTORE_KEYRING } from './wrapped-key.ts';

/**
 * The one document that the hierarchy is kept in. Everything in it is wrapped or public, so it may be copied anywhere;
 * docs/adr/0011-seal-hierarchy.md describes it.
 */
export interface KeyringRecord {
  readonly version: 1;
  /** One more with every change. */
  readonly revision: number;
  readonly root: RootRecord;
  /** In the order of their numbers. None is ever taken out: old backups need them. */
  readonly keks: readonly KekRecord[];
  /** The number of the one that new secrets are sealed under: the last. */
  readonly current: number;
  /** There while `seal rotate` has not found everything under `current`. */
  readonly rotation?: { readonly startedAt: string };
  /** HMAC-SHA-256 of the rest under a key derived from the root, base64url. */
  readonly mac: string;
}

export interface RootRecord {
  /** Derived from the root key, so that one that was unwrapped proves to be the one that is meant. */
  readonly id: string;
  readonly createdAt: string;
  readonly wrapped: WrappedRoot;
  /** The same root under shares that were made and not yet proven to be in people's hands. */
  readonly pending?: WrappedRoot;
  /** There until the shares of a new keyring were given once: till then nothing is sealed. */
  readonly unproven?: true;
}

export interface KekRecord {
  readonly number: number;
  readonly createdAt: string;
  /** The key under the root key: see wrapped-key.ts. */
  readonly jwe: string;
}

export type UnsignedRecord = Omit<KeyringRecord, 'mac'>;

/** With a rotation every month, enough for 80 years. */
export const MAX_KEKS = 1_000;
export const MAX_RECORD_LENGTH = 2 * 1024 * 1024;

const MAX_REVISION = 1e12;
const JWE = /^[A-Za-z0-9_.-]+$/;
const PRINTABLE = /^[\x20-\x7e]+$/;
const MAC = /^[A-Za-z0-9_-]{43}$/;

/** The one spelling of a record. */
export const encodeRecord = (record: KeyringRecord): string => JSON.stringify(inOrder(record));

/** @throws AppError SEAL_BROKEN for anything but the one spelling of a record of this version. */
export function parseRecord(text: string): KeyringRecord {
  try {
    if (text.length > MAX_RECORD_LENGTH) throw malformed();
    const value = readObject(JSON.parse(text));
    if (typeof value.version === 'number' && value.version > 1) throw later(value.version);
    const record = readRecord(value);
    // So fields that are missing, too many or out of order need no other check.
    if (encodeRecord(record) !== text) throw malformed();
    return record;
  } catch (error) {
    throw error instanceof SyntaxError ? malformed() : error;
  }
}

export const signRecord = (record: UnsignedRecord, key: KeyObject): KeyringRecord => ({
  ...record,
  mac: macOf(record, key).toString('base64url'),
});

/** @throws AppError SEAL_BROKEN when somebody without the root key changed it. */
export function checkMac({ mac, ...record }: KeyringRecord, key: KeyObject): void {
  if (timingSafeEqual(macOf(record, key), Buffer.from(mac, 'base64url'))) return;
  throw sealBroken('The keyring was changed by somebody who does not hold its root key', RESTORE_KEYRING);
}

const macOf = (record: UnsignedRecord, key: KeyObject): Buffer =>
  createHmac('sha256', key)
    .update(JSON.stringify(inOrder({ ...record, mac: undefined })))
    .digest();

/** Undefined fields are left out by JSON.stringify. */
function inOrder(record: UnsignedRecord & { readonly mac: string | undefined }) {
  const { version, revision, root, keks, current, rotation, mac } = record;
  const { id, createdAt, wrapped, pending, unproven } = root;
  return {
    version,
    revision,
    root: {
      id,
      createdAt,
      wrapped: rootInOrder(wrapped),
      pending: pending && rootInOrder(pending),
      unproven,
    },
    keks: keks.map(({ number, createdAt: at, jwe }) => ({ number, createdAt: at, jwe })),
    current,
    rotation: rotation && { startedAt: rotation.startedAt },
    mac,
  };
}

const rootInOrder = ({ provider, keyId, blob, shares }: WrappedRoot) => ({
  provider,
  keyId,
  blob,
  shares: shares && { total: shares.total, threshold: shares.threshold },
});

function readRecord(value: Record<string, unknown>): KeyringRecord {
  const keks = readList(value.keks).map(readKek);
  const record: KeyringRecord = {
    version: 1,
    revision: readNumber(value.revision, 1, MAX_REVISION),
    root: readRoot(readObject(value.root)),
    keks,
    current: readNumber(value.current, 1, MAX_KEKS),
    ...(value.rotation === undefined
      ? {}
      : { rotation: { startedAt: readTime(readObject(value.rotation).startedAt) } }),
    mac: readText(value.mac, MAC, 43),
  };
  // Numbers are given in order, so the list has no holes and its last is current.
  if (keks.some(({ number }, index) => number !== index + 1) || record.current !== keks.length)
    throw malformed();
  return record;
}

function readRoot(value: Record<string, unknown>): RootRecord {
  return {
    id: readKeyId(value.id),
    createdAt: readTime(value.createdAt),
    wrapped: readWrapped(value.wrapped),
    ...(value.pending === undefined ? {} : { pending: readWrapped(value.pending) }),
    ...(value.unproven === true ? { unproven: true } : {}),
  };
}

function readWrapped(value: unknown): WrappedRoot {
  const { provider, keyId, blob, shares } = readObject(value);
  if (provider !== 'key' && provider !== 'shamir') throw malformed();
  if ((provider === 'shamir') !== (shares !== undefined)) throw malformed();
  return {
    provider,
    keyId: readKeyId(keyId),
    blob: readText(blob, PRINTABLE, MAX_ROOT_BLOB),
    ...(shares === undefined ? {} : { shares: readSplit(readObject(shares)) }),
  };
}

function readSplit(value: Record<string, unknown>): Split {
  const total = readNumber(value.total, 2, 255);
  return { total, threshold: readNumber(value.threshold, 2, total) };
}

function readKek(value: unknown): KekRecord {
  const { number, createdAt, jwe } = readObject(value);
  return {
    number: readNumber(number, 1, MAX_KEKS),
    createdAt: readTime(createdAt),
    jwe: readText(jwe, JWE, MAX_WRAPPED_LENGTH),
  };
}

function readObject(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed();
  return value as Record<string, unknown>;
}

function readList(value: unknown): unknown[] {
  if (!Array.isArray(value) || value.length > MAX_KEKS) throw malformed();
  return value;
}

function readNumber(value: unknown, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max)
    throw malformed();
  return value;
}

function readText(value: unknown, pattern: RegExp, maxLength: number): string {
  if (typeof value !== 'string' || value.length > maxLength || !pattern.test(value)) throw malformed();
  return value;
}

function readKeyId(value: unknown): string {
  if (typeof value !== 'string' || !isNamedKeyId(value)) throw malformed();
  return value;
}

function readTime(value: unknown): string {
  const time = typeof value === 'string' ? new Date(value) : undefined;
  if (time === undefined || Number.isNaN(time.getTime()) || time.toISOString() !== value) throw malformed();
  return time.toISOString();
}

const malformed = () =>
  sealBroken('The keyring is damaged: it is not in the form it was written in', RESTORE_KEYRING);

const later = (version: number) =>
  sealBroken(
    `The keyring is of version ${version}, which this Sealtrack does not know`,
    'Upgrade this crypto server to the version of the one that wrote it.',
  );
