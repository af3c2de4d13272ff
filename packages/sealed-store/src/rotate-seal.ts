import { timingSafeEqual } from 'node:crypto';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { KeyId, TenantId } from '@sealtrack/ids/ids';
import type { Kek } from './keks.ts';
import type { RotationProgress } from './keyring.ts';
import type { SealedStore } from './redis-sealed-store.ts';
import { sealSecret, unsealSecret } from './seal.ts';
import { readSealHeader } from './seal-format.ts';

export interface ResealOptions {
  readonly keys: SealedStore;
  /** Where all keys go. */
  readonly kek: Kek;
  /** Opens what is sealed under any key-encryption key. */
  readonly unseal: (jwe: string, expect: { tenant: TenantId; keyId: KeyId }) => Promise<Buffer>;
  readonly signal?: AbortSignal | undefined;
}

type Outcome = 'moved' | 'there' | 'gone' | 'broken';

const MAX_ATTEMPTS = 8;
const MAX_NAMED = 5;

/**
 * Walks over all keys until a whole walk finds every one under `kek`, and open. Keys that are imported meanwhile are found by
 * the next walk. It never moves one to a lower number, so that it ends even if a later rotation overtakes it.
 * @throws AppError SEAL_BROKEN at the end, when there are keys that do not open.
 */
export async function* resealAll(options: ResealOptions): AsyncGenerator<RotationProgress, void, undefined> {
  const { keys, kek, signal } = options;
  let total = await countAll(keys);
  let done = 0;
  for (let walk = 1; ; walk++) {
    let moved = 0;
    let broken = 0;
    const named: string[] = [];
    for await (const { tenant, keyId } of everyKey(keys)) {
      signal?.throwIfAborted();
      const outcome = await reseal(options, tenant, keyId);
      if (outcome === 'moved') moved++;
      if (outcome === 'broken' && ++broken <= MAX_NAMED) named.push(`${tenant}/${keyId}`);
      // A later walk meets the same keys again: only what came since is news.
      if (outcome === 'moved' || (outcome === 'there' && walk === 1)) {
        total = Math.max(total, ++done);
        yield { kek: kek.number, done, total };
      }
    }
    if (moved > 0) continue;
    if (broken > 0) throw someBroken(broken, named, kek);
    yield { kek: kek.number, done, total: done };
    return;
  }
}

async function reseal(
  { keys, kek, unseal }: ResealOptions,
  tenant: TenantId,
  keyId: KeyId,
): Promise<Outcome> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const before = await keys.get(tenant, keyId);
    if (before === undefined) return 'gone';
    let secret: Buffer | undefined;
    try {
      const header = readSealHeader(before);
      secret = await unseal(before, { tenant, keyId });
      if (header.kekNumber >= kek.number) return 'there';
      const { kekNumber: _, ...whose } = header;
      const after = await sealSecret(secret, { kek, header: whose });
      await checkOpens(after, secret, kek, { tenant, keyId });
      if (await keys.replace(tenant, keyId, before, after)) return 'moved';
    } catch (error) {
      if (hasCode(error, 'SEAL_BROKEN')) return 'broken';
      throw error;
    } finally {
      secret?.fill(0);
    }
  }
  // Somebody else works on it all the time: another walk will see.
  return 'moved';
}

/** The old seal goes when the new one is stored, so it is tried before. */
async function checkOpens(
  jwe: string,
  secret: Buffer,
  kek: Kek,
  expect: { tenant: TenantId; keyId: KeyId },
): Promise<void> {
  const keks = { current: kek, get: (number: number) => (number === kek.number ? kek : undefined) };
  const opened = await unsealSecret(jwe, { keks, expect });
  try {
    if (opened.length === secret.length && timingSafeEqual(opened, secret)) return;
    throw new Error('A key that was just sealed opens as another');
  } finally {
    opened.fill(0);
  }
}

async function* everyKey(keys: SealedStore): AsyncGenerator<{ tenant: TenantId; keyId: KeyId }> {
  for await (const tenant of keys.tenants())
    for await (const keyId of keys.list(tenant)) yield { tenant, keyId };
}

async function countAll(keys: SealedStore): Promise<number> {
  let count = 0;
  for await (const tenant of keys.tenants()) count += await keys.count(tenant);
  return count;
}

const someBroken = (count: number, named: readonly string[], kek: Kek) =>
  new AppError('SEAL_BROKEN', `${count} sealed keys do not open; all others are under key ${kek.number}`, {
    fix: 'Restore the sealed keys in details from a backup, or delete them and import their private keys again; then rotate again, which finishes it.',
    details: { keys: named.join(' ') },
  });
