import { inspect } from 'node:util';
import { sealBroken } from './jwe-format.ts';
import type { Kek } from './keks.ts';
import type { OpenRecord } from './keyring.ts';
import { checkMac, type KeyringRecord, signRecord, type UnsignedRecord } from './keyring-record.ts';
import { deriveKey, KEY_BYTES, type NamedKey, nameKey } from './named-key.ts';
import type { UnsealProvider, WrappedRoot } from './unseal-provider.ts';
import { RESTORE_KEYRING, unwrapKek } from './wrapped-key.ts';

/** A record and all keys of it. */
export interface Ring extends OpenRecord {
  readonly root: NamedKey;
}

const MAC_PURPOSE = 'keyring record';

/** Opens the root key of a record with its provider. @param wrapped in which of its forms. */
export async function openRoot(
  { root }: KeyringRecord,
  provider: UnsealProvider,
  wrapped: WrappedRoot = root.wrapped,
): Promise<NamedKey> {
  const bytes = await provider.unwrap(wrapped);
  try {
    const key = bytes.length === KEY_BYTES ? nameKey('root key', bytes) : undefined;
    if (key?.id === root.id) return key;
    throw sealBroken('The keyring names another root key than it holds', RESTORE_KEYRING);
  } finally {
    bytes.fill(0);
  }
}

/**
 * Opens a record with its root key: every key-encryption key is opened now, so that a damaged one is found before it is
 * needed. @param known a ring whose keys need not be opened again.
 */
export async function openRing(record: KeyringRecord, root: NamedKey, known?: Ring): Promise<Ring> {
  checkMac(record, deriveKey(root, MAC_PURPOSE));
  const keks = new Map<number, Kek>();
  for (const { number, jwe } of record.keks) {
    const same = known?.record.keks[number - 1]?.jwe === jwe ? known.get(number) : undefined;
    keks.set(number, same ?? (await unwrapKek(jwe, number, root)));
  }
  const current = keks.get(record.current);
  if (current === undefined) throw sealBroken('The keyring does not hold its current key', RESTORE_KEYRING);
  const shown = `Keyring { root: ${root.id}, revision: ${record.revision}, current: ${current.number} }`;
  return {
    record,
    root,
    current,
    get: (number) => keks.get(number),
    deriveKey: (purpose) => deriveKey(root, `key for ${purpose}`),
    ...{ [inspect.custom]: () => shown, toJSON: () => shown },
  };
}

/** A record and a provider to a ring: whatever has to be opened is. */
export const openRecord = async (record: KeyringRecord, provider: UnsealProvider): Promise<Ring> =>
  await openRing(record, await openRoot(record, provider));

export const signWith = (root: NamedKey, record: UnsignedRecord): KeyringRecord =>
  signRecord(record, deriveKey(root, MAC_PURPOSE));
