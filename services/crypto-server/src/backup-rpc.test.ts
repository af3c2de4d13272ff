import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import {
  BackupServiceDefinition,
  type RestoreKeysRequest,
} from '@sealtrack/contracts/gen/sealtrack/backup/v1/backup';
import { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { TenantId } from '@sealtrack/ids/ids';
import { connectRpc } from '@sealtrack/rpc/client';
import { implement, startRpcServer } from '@sealtrack/rpc/server';
import { OPEN_TO_ALL } from '@sealtrack/rpc/testing/open-to-all';
import { createKeyProvider } from '@sealtrack/sealed-store/key-provider';
import { createUnsealKeyFile, readUnsealKeyFile } from '@sealtrack/sealed-store/unseal-key';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { testRedis } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import { createBackupSystem } from './testing/backup-system.ts';

const redis = await testRedis();
const folder = await temporaryFolder();
await createUnsealKeyFile(`${folder.path}/unseal.key`);
const provider = createKeyProvider({ current: await readUnsealKeyFile(`${folder.path}/unseal.key`) });
const system = createBackupSystem({ redisUrl: redis.url, provider, folder: folder.path });
await system.keyring.open();

const { backUpKeys, verify, restore } = system.useCases;
const callOf = ({ signal, peer }: { signal: AbortSignal; peer: string }) => ({
  signal,
  peer,
  names: [],
  via: [],
  traceparent: '',
});
const silent = { info() {}, warn() {}, error() {} } as never;
const server = await startRpcServer({
  access: OPEN_TO_ALL,
  transport: PLAINTEXT,
  listen: '127.0.0.1:0',
  services: [
    implement(BackupServiceDefinition, {
      backUpKeys: (_, call) => backUpKeys(callOf(call)),
      verifyBackup: (requests, call) => verify(requests, callOf(call)),
      restoreKeys: (requests, call) => restore(requests, callOf(call)),
    }),
  ],
  log: silent,
});
const client = connectRpc(BackupServiceDefinition, server.address, { transport: PLAINTEXT });
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await server.close();
  await system[Symbol.asyncDispose]();
  await folder.remove();
});

async function* each<T>(chunks: readonly Buffer[], request: (chunk: Buffer) => T): AsyncGenerator<T> {
  for (const chunk of chunks) yield request(chunk);
}

const restoreKeys = (chunks: readonly Buffer[]) =>
  client.restoreKeys(each(chunks, (value): RestoreKeysRequest => ({ part: { $case: 'chunk', value } })));

test('goes out, is verified and comes back in over the wire, and a damaged one says what is', async () => {
  const { certificatePem, privateKey } = await createSelfSigned({ commonName: 'One' });
  const { der, certificateId, keyId } = parseCertificate(certificatePem);
  const tenantId = 'demo' as TenantId;
  await system.privateKeys.add(tenantId, keyId, certificateId, privateKey);
  const certificate = { ...Certificate.fromJSON({}), tenantId, certificateId, keyId, alias: 'One', der };
  await system.certificates.add(certificate);

  const chunks = (await Array.fromAsync(client.backUpKeys({}))).map(({ chunk }) => chunk);
  const { report } = await client.verifyBackup(each(chunks, (chunk) => ({ chunk })));
  expect(report).toMatchObject({ tenants: 1, certificates: 1, privateKeys: 1, damaged: [] });
  await system.redis.client.del(`st:{demo}:certificate:${certificateId}`);
  const restored = await restoreKeys(chunks);
  expect(restored.report).toMatchObject({ restored: 1, alreadyThere: 0 });

  const all = Buffer.concat(chunks);
  const cut = all.subarray(0, all.lastIndexOf('\n', all.length - 2) + 1);
  await expect(restoreKeys([cut])).rejects.toMatchObject({
    code: 'BACKUP_INVALID',
    message: expect.stringContaining('ends too early'),
  });
});

test('a file that is no backup is refused at its beginning, not at its end', async () => {
  const chunk = Buffer.alloc(64 * 1024, 'x\n');
  const sent = { chunks: 0 };
  async function* requests() {
    for (; sent.chunks < 2_000; sent.chunks += 1) yield { chunk };
  }
  await expect(client.verifyBackup(requests())).rejects.toMatchObject({ code: 'BACKUP_INVALID' });
  expect(sent.chunks).toBeLessThan(2_000);
});
