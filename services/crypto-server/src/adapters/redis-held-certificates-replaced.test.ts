import { once } from 'node:events';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { parseTenantId } from '@sealtrack/ids/parse';
import { expect, test } from 'vitest';
import { describeForWire } from '../domain/describe-for-wire.ts';
import { cryptoParts } from '../testing/crypto-parts.ts';
import { createRedisHeldCertificates } from './redis-held-certificates.ts';

const { redis, keys, certificates, privateKeys } = await cryptoParts();
const tenantId = parseTenantId('acme');

async function importNew() {
  const own = await createSelfSigned({ commonName: 'Recordings' });
  const info = parseCertificate(own.certificatePem);
  await privateKeys.add(tenantId, info.keyId, info.certificateId, own.privateKey);
  await certificates.add(
    Certificate.fromPartial({ ...describeForWire(info), tenantId, hasPrivateKey: true }),
  );
  return info.certificateId;
}

test('what was known of a store is forgotten when another one may have come in its place', async () => {
  const held = createRedisHeldCertificates(redis, keys.tenants);
  const { client } = redis;
  const before = await importNew();
  expect(await held.now()).toEqual(new Set([before]));
  const names = await client.keys('st:{acme}:certificate*');
  await client.del(names);
  // Its first change has the number that the first one of the other store had.
  const after = await importNew();
  const [closed, ready] = [once(client, 'close'), once(client, 'ready')];
  client.disconnect(true);
  await closed;
  await ready;
  expect(await held.now()).toEqual(new Set([after]));
});
