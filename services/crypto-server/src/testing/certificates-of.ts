import { createHash } from 'node:crypto';
import { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { CertificateId } from '@sealtrack/ids/ids';
import type { RedisConnection } from '@sealtrack/redis/connect';
import type { Certificates } from '../ports.ts';

/** Certificates that are none, for what only keeps and finds them. */
export function certificatesOf({
  redis,
  certificates,
}: {
  readonly redis: RedisConnection;
  readonly certificates: Certificates;
}) {
  const idOf = (name: string) => createHash('sha256').update(name).digest('hex') as CertificateId;
  const make = (tenantId: string, alias: string, more: Partial<Certificate> = {}): Certificate =>
    Certificate.fromPartial({ tenantId, certificateId: idOf(alias), keyId: idOf(alias), alias, ...more });
  return {
    idOf,
    make,
    /** With something in the place of its sealed key, without which it is not taken. */
    async add(tenantId: string, alias: string, more: Partial<Certificate> = {}): Promise<Certificate> {
      const certificate = make(tenantId, alias, more);
      await redis.client.set(`st:{${tenantId}}:key:${certificate.keyId}`, 'sealed');
      return await certificates.add(certificate);
    },
  };
}
