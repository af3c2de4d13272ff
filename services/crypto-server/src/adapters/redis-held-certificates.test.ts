import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { Certificate, Deletion_State } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { parseTenantId } from '@sealtrack/ids/parse';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { expect, test, vi } from 'vitest';
import { describeForWire } from '../domain/describe-for-wire.ts';
import { createHoldSubscriptions } from '../hold-subscriptions.ts';
import { cryptoParts } from '../testing/crypto-parts.ts';
import { createRedisHeldCertificates } from './redis-held-certificates.ts';

const { redis, keys, certificates, privateKeys, server } = await cryptoParts();
const own = await createSelfSigned({ commonName: 'Recordings' });
const info = parseCertificate(own.certificatePem);
const { certificateId, keyId } = info;
const [acme, beta] = [parseTenantId('acme'), parseTenantId('beta')];
const held = createRedisHeldCertificates(redis, keys.tenants);
const ids = async () => [...(await held.now())];

const certificate = (tenantId: string): Certificate =>
  Certificate.fromPartial({ ...describeForWire(info), tenantId, hasPrivateKey: true });

async function importFor(tenantId: typeof acme): Promise<Certificate> {
  await privateKeys.add(tenantId, keyId, certificateId, own.privateKey);
  return await certificates.add(certificate(tenantId));
}

const NOW = new Date();
const deleted = (before: Certificate): Certificate => ({
  ...before,
  deletion: {
    ...{ state: Deletion_State.DELETED, recordings: 0n, statement: '', approvers: [] },
    ...{ requestedAt: NOW, until: NOW },
  },
});

test('what any server on the same store imports, deletes, restores and purges is known at the next look', async () => {
  expect(await ids()).toEqual([]);
  const inAcme = await importFor(acme);
  expect(await ids()).toEqual([certificateId]);
  const inBeta = await importFor(beta);
  await certificates.replace(inAcme, deleted(inAcme));
  // Another tenant still has it.
  expect(await ids()).toEqual([certificateId]);
  await certificates.replace(inBeta, deleted(inBeta));
  expect(await ids()).toEqual([]);
  await certificates.replace(deleted(inBeta), inBeta);
  expect(await ids()).toEqual([certificateId]);
  await certificates.remove(inBeta);
  expect(await ids()).toEqual([]);
  // Its key went with it; that of the deleted one is put back without a change of the certificate.
  await certificates.replace(deleted(inAcme), inAcme);
  await redis.client.del(`st:{acme}:key:${keyId}`);
  const afresh = createRedisHeldCertificates(redis, keys.tenants);
  expect([...(await afresh.now())]).toEqual([]);
  await privateKeys.add(acme, keyId, certificateId, own.privateKey);
  expect([...(await afresh.now())]).toEqual([certificateId]);
});

test('where nothing changed, one question a tenant is asked, and one who they are', async () => {
  await ids();
  const monitor = await redis.client.duplicate().monitor();
  const asked: string[] = [];
  const ended = Promise.withResolvers<void>();
  monitor.on('monitor', (_: string, [command = '', first]: string[]) => {
    if (first === 'done') ended.resolve();
    asked.push(command.toLowerCase());
  });
  await ids();
  await redis.client.get('done');
  await ended.promise;
  monitor.disconnect();
  expect(asked.sort()).toEqual(['get', 'sscan', 'zrangebyscore', 'zrangebyscore']);
});

test('it is asked for exactly what it can use, and keeps to that while the store is away', async () => {
  let state: 'open' | 'sealed' = 'open';
  const takeFor = vi.fn<(certificateIds: ReadonlySet<string>) => void>();
  const { lines, log } = noteLines();
  const { look } = createHoldSubscriptions({
    ...{ held, requests: { takeFor }, log },
    keyring: { status: () => ({ state, provider: 'key' }) as never },
  });
  await look();
  expect(takeFor).toHaveBeenLastCalledWith(new Set([certificateId]));
  state = 'sealed';
  await look();
  expect(takeFor).toHaveBeenLastCalledWith(new Set());
  state = 'open';
  await server.stop();
  await look();
  await look();
  expect(takeFor).toHaveBeenCalledTimes(2);
  expect(lines).toHaveLength(1);
  await server.restart();
  await redis.ready();
  await look();
  expect(takeFor).toHaveBeenLastCalledWith(new Set([certificateId]));
});
