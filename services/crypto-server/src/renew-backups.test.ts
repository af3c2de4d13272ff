import type { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { TenantId } from '@sealtrack/ids/ids';
import { expect, test } from 'vitest';
import { deleteUntil } from './domain/deletion.ts';
import { createRenewBackups } from './renew-backups.ts';
import { certificatesOf } from './testing/certificates-of.ts';
import { cryptoParts } from './testing/crypto-parts.ts';

const { redis, certificates, privateKeys } = await cryptoParts();
const { add, idOf } = certificatesOf({ redis, certificates });
const deletion = deleteUntil({ recordings: 0n, approvers: [] }, new Date(), 1_000);
const PER_TENANT = 201;
await Promise.all(
  ['one', 'two'].flatMap((tenant) =>
    Array.from({ length: PER_TENANT }, (_, index) =>
      add(tenant, `${tenant} ${String(index).padStart(3, '0')}`),
    ),
  ),
);
await add('two', 'deleted', { deletion });
await add('two', 'keyless');
await redis.client.del(`st:{two}:key:${idOf('keyless')}`);

async function renew(keep: (certificate: Certificate) => void, signal: AbortSignal) {
  const kept: string[] = [];
  const work = createRenewBackups({
    certificates,
    // What is sealed here is a text; whether it opens is another test's.
    privateKeys: { ...privateKeys, get: async () => ({}) as never },
    backup: {
      keep: async (certificate, sealed) => {
        expect(sealed).toBe('sealed');
        kept.push(`${certificate.tenantId} ${certificate.alias}`);
        keep(certificate);
      },
    },
    async *tenants() {
      yield* ['one', 'two'] as TenantId[];
    },
  });
  const failure = await work(signal).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { kept, failure };
}

test('every certificate of every tenant is kept once, also what is deleted, but none without its key', async () => {
  const { kept } = await renew(() => undefined, new AbortController().signal);
  expect(kept).toHaveLength(2 * PER_TENANT + 1);
  expect(new Set(kept).size).toBe(kept.length);
  expect(kept).toContain('two deleted');
  expect(kept).not.toContain('two keyless');
});

test('once it is stopped it keeps no more', async () => {
  const stop = new AbortController();
  const { kept, failure } = await renew(() => stop.abort(), stop.signal);
  expect({ kept, failure }).toEqual({ kept: ['one one 000'], failure: undefined });
});

test('a copy that cannot be written is an error', async () => {
  const full = new Error('no room');
  const { kept, failure } = await renew(() => {
    throw full;
  }, new AbortController().signal);
  expect([kept.length, failure]).toEqual([1, full]);
});
