import { AppError } from '@sealtrack/errors/app-error';
import { type KekRecord, MAX_KEKS } from './keyring-record.ts';
import { newKek, type Sources, timeOf, withNewRoot } from './new-keys.ts';
import type { SealedStore } from './redis-sealed-store.ts';
import type { Ring } from './ring.ts';
import { busy, type Draft } from './ring-keeper.ts';
import { sealSecret } from './seal.ts';
import { readSealHeader, type SealHeader } from './seal-format.ts';
import type { UnsealProvider } from './unseal-provider.ts';
import { wrapKek } from './wrapped-key.ts';

/** A new root key above the same key-encryption keys. */
export async function newRootFor(
  { record, get }: Ring,
  options: Sources & { readonly provider: UnsealProvider },
): Promise<Draft> {
  if (record.root.pending !== undefined)
    throw busy(
      'New shares were made and not given yet: they would not open a new root key',
      'Give enough of the new shares first, or make new ones again; then rotate the root.',
    );
  return await withNewRoot(options, async (bytes, root) => {
    const keks: KekRecord[] = [];
    for (const kek of record.keks) {
      const opened = get(kek.number);
      if (opened === undefined) throw new Error('A ring holds every key of its record');
      keks.push({ ...kek, jwe: await wrapKek(opened, root) });
    }
    const wrapped = await options.provider.wrap(bytes, record.root.wrapped);
    return { newRoot: root, keks, root: { id: root.id, createdAt: timeOf(options), wrapped } };
  });
}

/** One more key-encryption key, which is current; none while a rotation is not finished, since that goes on instead. */
export async function newKekFor({ record, root }: Ring, sources: Sources): Promise<Draft | undefined> {
  if (record.rotation !== undefined) return undefined;
  const number = record.current + 1;
  if (number > MAX_KEKS)
    throw new AppError('INVALID_ARGUMENT', `The keyring holds ${MAX_KEKS} keys and takes no more`, {
      fix: 'Do not rotate again. Every key goes on working; ask for help with a keyring of this age.',
    });
  return {
    keks: [...record.keks, await newKek(sources, number, root)],
    current: number,
    rotation: { startedAt: timeOf(sources) },
  };
}

/**
 * Brings a key that was just stored under the newest key-encryption key: one that came between sealing and storing may have
 * gone over all keys before this one was there.
 */
export async function followRotation(
  secret: Buffer,
  { header, jwe, keys, newest }: FollowOptions,
): Promise<void> {
  let stored: string | undefined = jwe;
  while (stored !== undefined) {
    const { current } = await newest();
    if (readSealHeader(stored).kekNumber >= current.number) return;
    const next = await sealSecret(secret, { kek: current, header });
    const replaced = await keys.replace(header.tenant, header.keyId, stored, next);
    stored = replaced ? next : await keys.get(header.tenant, header.keyId);
  }
}

interface FollowOptions {
  readonly header: SealHeader;
  readonly jwe: string;
  readonly keys: SealedStore;
  readonly newest: () => Promise<Ring>;
}
