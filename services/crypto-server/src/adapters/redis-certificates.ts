import { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import type { KeyId, TenantId } from '@sealtrack/ids/ids';
import type { RedisConnection } from '@sealtrack/redis/connect';
import { orUnavailable } from '@sealtrack/sealed-store/or-unavailable';
import { sealedKeyNames } from '@sealtrack/sealed-store/redis-sealed-store';
import { type DurableOptions, writeDurably } from '@sealtrack/sealed-store/write-durably';
import type { Certificates } from '../ports.ts';
import { createCertificateDirectory } from './certificate-directory.ts';
import { certificateNames } from './certificate-names.ts';

// Each is one step, so that a certificate that can be used can also be listed, and its private key is there.
// KEYS: certificate, those on its key, changes, revision, sealed key, all sealed keys. ARGV: id, key id, certificate,
// certificate before.
// Revisions go up from the time of the first, in microseconds: a Redis that was emptied gives none a second time, so no
// reader takes what comes then for what it has read already.
const CHANGED = `
local now = redis.call('TIME')
redis.call('SET', KEYS[4], string.format('%d%06d', now[1], now[2]), 'NX')
redis.call('ZADD', KEYS[3], redis.call('INCR', KEYS[4]), ARGV[1])`;

// It writes also what is there, so that what is confirmed covers a write before it that was not.
const ADD = `
if redis.call('EXISTS', KEYS[5]) == 0 then return false end
local known = redis.call('GET', KEYS[1])
redis.call('SET', KEYS[1], known or ARGV[3])
redis.call('SADD', KEYS[2], ARGV[1])
if not known or not redis.call('ZSCORE', KEYS[3], ARGV[1]) then ${CHANGED} end
return known or ARGV[3]`;

const REPLACE = `
if redis.call('GET', KEYS[1]) ~= ARGV[4] then return 0 end
redis.call('SET', KEYS[1], ARGV[3])
${CHANGED}
return 1`;

// An import that counts on the sealed key either added its certificate before, or finds the key gone.
const REMOVE = `
if redis.call('GET', KEYS[1]) ~= ARGV[4] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('SREM', KEYS[2], ARGV[1])
${CHANGED}
if redis.call('SCARD', KEYS[2]) == 0 then
  redis.call('DEL', KEYS[5])
  redis.call('SREM', KEYS[6], ARGV[2])
end
return 1`;

const encode = (certificate: Certificate): string => JSON.stringify(Certificate.toJSON(certificate));
const decode = (json: string): Certificate => Certificate.fromJSON(JSON.parse(json));

/** Certificates in Redis, beside their sealed keys. */
export function createRedisCertificates(redis: RedisConnection, options: DurableOptions): Certificates {
  const { client } = redis;
  const directory = createCertificateDirectory(redis);

  async function run(script: string, now: Certificate, before = ''): Promise<unknown> {
    const { tenantId, certificateId, keyId } = now;
    const names = certificateNames(tenantId);
    const sealed = sealedKeyNames(tenantId as TenantId, keyId as KeyId);
    const keys = [names.certificate(certificateId), names.onKey(keyId), names.changes, names.revision];
    const args = [certificateId, keyId, encode(now), before];
    return orUnavailable(() =>
      writeDurably(client, options, (pipeline) =>
        pipeline.eval(script, 6, ...keys, sealed.blob, sealed.list, ...args),
      ),
    );
  }

  return {
    async add(certificate) {
      const stored = await run(ADD, certificate);
      if (typeof stored === 'string') return decode(stored);
      throw new AppError('SEAL_BROKEN', 'The private key was deleted while its certificate was imported', {
        fix: 'Import the certificate again, with its private key.',
      });
    },
    async replace(before, after) {
      if ((await run(REPLACE, after, encode(before))) !== 1) throw changed(before);
    },
    async remove(certificate) {
      if ((await run(REMOVE, certificate, encode(certificate))) !== 1) throw changed(certificate);
    },
    get: (tenantId, certificateId) =>
      orUnavailable(async () => {
        const json = await client.get(certificateNames(tenantId).certificate(certificateId));
        return json === null ? undefined : decode(json);
      }),
    async page(tenantId, wanted) {
      const { ids, total, next } = await directory.page(tenantId, wanted);
      if (ids.length === 0) return { certificates: [], total, next };
      const names = certificateNames(tenantId);
      const found = await orUnavailable(() => client.mget(ids.map((id) => names.certificate(id))));
      return { certificates: found.filter((json) => json !== null).map(decode), total, next };
    },
  };
}

const changed = ({ certificateId }: Certificate) =>
  new AppError('CERTIFICATE_CONFLICT', `Certificate ${certificateId} was changed by somebody else`, {
    fix: 'Look at it again (sealtrack certificates show), and make the change on what it is now.',
    details: { certificate_id: certificateId },
  });
