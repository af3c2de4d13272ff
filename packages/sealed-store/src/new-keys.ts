import { createSecretKey, randomBytes as nodeRandomBytes } from 'node:crypto';
import type { Kek } from './keks.ts';
import type { KekRecord, KeyringRecord, RootRecord } from './keyring-record.ts';
import { KEY_BYTES, type NamedKey, nameKey } from './named-key.ts';
import { signWith } from './ring.ts';
import type { WrappedRoot } from './unseal-provider.ts';
import { wrapKek } from './wrapped-key.ts';

/** Where keys and times come from. */
export interface Sources {
  readonly now?: (() => Date) | undefined;
  readonly randomBytes?: ((size: number) => Buffer) | undefined;
}

export const timeOf = ({ now = () => new Date() }: Sources): string => now().toISOString();

/** Makes a root key, and lends it out for as long as it is wrapped. */
export async function withNewRoot<T>(
  { randomBytes = nodeRandomBytes }: Sources,
  use: (bytes: Buffer, root: NamedKey) => Promise<T>,
): Promise<T> {
  const bytes = randomBytes(KEY_BYTES);
  try {
    return await use(bytes, nameKey('root key', bytes));
  } finally {
    bytes.fill(0);
  }
}

export async function newKek(sources: Sources, number: number, root: NamedKey): Promise<KekRecord> {
  const bytes = (sources.randomBytes ?? nodeRandomBytes)(KEY_BYTES);
  try {
    const kek: Kek = { number, key: createSecretKey(bytes) };
    return { number, createdAt: timeOf(sources), jwe: await wrapKek(kek, root) };
  } finally {
    bytes.fill(0);
  }
}

/** A keyring of one key-encryption key. @param before what it replaces: an unproven one. */
export async function newRecord(
  sources: Sources,
  root: NamedKey,
  { wrapped, before, unproven }: NewRecord,
): Promise<KeyringRecord> {
  const top: RootRecord = { id: root.id, createdAt: timeOf(sources), wrapped };
  return signWith(root, {
    version: 1,
    revision: (before?.revision ?? 0) + 1,
    root: unproven ? { ...top, unproven } : top,
    keks: [await newKek(sources, 1, root)],
    current: 1,
  });
}

interface NewRecord {
  readonly wrapped: WrappedRoot;
  readonly before?: KeyringRecord | undefined;
  readonly unproven?: true;
}
