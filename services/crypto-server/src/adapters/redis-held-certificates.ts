import { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { CertificateId, KeyId, TenantId } from '@sealtrack/ids/ids';
import type { RedisClient, RedisConnection } from '@sealtrack/redis/connect';
import { orUnavailable } from '@sealtrack/sealed-store/or-unavailable';
import { sealedKeyNames } from '@sealtrack/sealed-store/redis-sealed-store';
import { isDeleted } from '../domain/deletion.ts';
import type { HeldCertificates } from '../ports.ts';
import { certificateNames } from './certificate-names.ts';

interface Known {
  /** Of the last change that was read. */
  revision: number;
  readonly held: Set<CertificateId>;
  /** Certificates whose private key is missing, which may be restored without a change of theirs. */
  readonly keyless: Map<CertificateId, KeyId>;
}

const AT_A_TIME = 250;

/** One question a tenant where nothing changed; what changed is read, and nothing else. */
export function createRedisHeldCertificates(
  { client }: RedisConnection,
  tenants: () => AsyncIterable<TenantId>,
): HeldCertificates {
  const known = new Map<TenantId, Known>();
  // What comes back may be another Redis, or the same one from a backup, with other changes under the same numbers.
  client.on('close', () => known.clear());

  return {
    async now() {
      const all = new Set<CertificateId>();
      const found = await Array.fromAsync(tenants());
      for (const tenantId of known.keys()) if (!found.includes(tenantId)) known.delete(tenantId);
      await orUnavailable(() =>
        Promise.all(
          [...new Set(found)].map(async (tenantId) => {
            const of = known.get(tenantId) ?? { revision: 0, held: new Set(), keyless: new Map() };
            known.set(tenantId, of);
            await readOn(client, tenantId, of);
            for (const certificateId of of.held) all.add(certificateId);
          }),
        ),
      );
      return all;
    },
  };
}

async function readOn(client: RedisClient, tenantId: TenantId, known: Known): Promise<void> {
  const names = certificateNames(tenantId);
  const changes = await client.zrangebyscore(names.changes, `(${known.revision}`, '+inf', 'WITHSCORES');
  const ids = changes.filter((_, index) => index % 2 === 0) as CertificateId[];
  for (let at = 0; at < ids.length; at += AT_A_TIME) {
    const some = ids.slice(at, at + AT_A_TIME);
    const found = await client.mget(some.map((id) => names.certificate(id)));
    for (const [index, id] of some.entries()) {
      known.held.delete(id);
      known.keyless.delete(id);
      const keyId = keyOf(found[index]);
      if (keyId !== undefined) known.keyless.set(id, keyId);
    }
  }
  const missing = [...known.keyless];
  for (let at = 0; at < missing.length; at += AT_A_TIME)
    await Promise.all(
      missing.slice(at, at + AT_A_TIME).map(async ([id, keyId]) => {
        if ((await client.exists(sealedKeyNames(tenantId, keyId).blob)) === 0) return;
        known.keyless.delete(id);
        known.held.add(id);
      }),
    );
  // Last, so that what failed in between is read again.
  known.revision = Number(changes.at(-1) ?? known.revision);
}

/** Undefined where there is none to use. */
function keyOf(json: string | null | undefined): KeyId | undefined {
  if (typeof json !== 'string') return undefined;
  const certificate = Certificate.fromJSON(JSON.parse(json));
  return isDeleted(certificate) ? undefined : (certificate.keyId as KeyId);
}
