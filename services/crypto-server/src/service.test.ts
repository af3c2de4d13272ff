import { mkdirSync } from 'node:fs';
import { OPEN_ACCESS } from '@sealtrack/access/access';
import { BackupServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/backup/v1/backup';
import { CertificateServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { HoldingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/holding/v1/holding';
import { SealServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/seal/v1/seal';
import { connectRpc } from '@sealtrack/rpc/client';
import { checkHealth } from '@sealtrack/rpc/health';
import { parseConfig } from '@sealtrack/service-kit/config';
import { noMetrics } from '@sealtrack/service-kit/metrics';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { testNats, testRedis } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import { config } from './config.ts';
import { start } from './service.ts';

const [nats, redis, folder] = [await testNats(), await testRedis(), await temporaryFolder()];
for (const name of ['media', 'backup']) mkdirSync(`${folder.path}/${name}`);
const gauges = new Map<string, number>();
const metrics = {
  ...noMetrics,
  gauge: (name: string) => ({ set: (value: number) => void gauges.set(name, value) }),
} as never;
const service = await start(
  parseConfig(config, {
    SEALTRACK_LISTEN: '127.0.0.1:0',
    SEALTRACK_NATS_URL: nats.url,
    SEALTRACK_REDIS_URL: redis.url,
    SEALTRACK_UNSEAL_WITH: 'shamir',
    SEALTRACK_BACKUP_DIR: `${folder.path}/backup`,
    SEALTRACK_MEDIA_STORE: `file://${folder.path}/media`,
    SEALTRACK_METADATA_ADDRESS: '127.0.0.1:1',
  }),
  {
    transport: PLAINTEXT,
    access: OPEN_ACCESS,
    log: noteLines().log,
    metrics,
    signal: new AbortController().signal,
  },
);
const address = service.addresses.grpc;
const seal = connectRpc(SealServiceDefinition, address, { transport: PLAINTEXT });
afterAll(async () => {
  await seal[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
  await folder.remove();
});

/** A call of a method with an empty request, whatever kind it is. */
async function callOf(definition: typeof CertificateServiceDefinition, name: string): Promise<unknown> {
  await using client = connectRpc(definition, address, { transport: PLAINTEXT });
  const method = definition.methods[name as keyof typeof definition.methods];
  const call = client[name as keyof typeof definition.methods] as (request: unknown) => unknown;
  const request = method.requestType.fromJSON({});
  const answer = call(request);
  return method.responseStream ? await Array.fromAsync(answer as AsyncIterable<unknown>) : await answer;
}

const methodsOf = (...definitions: { readonly methods: object }[]) =>
  definitions.flatMap((definition) =>
    Object.keys(definition.methods).map((name) => [name, definition] as const),
  );
const guarded = [
  ...methodsOf(CertificateServiceDefinition, DecryptionServiceDefinition, HoldingServiceDefinition),
  ['backUpKeys', BackupServiceDefinition] as const,
];

test('sealed, it answers nothing but its unsealing and its restoring, and says so', async () => {
  expect(gauges.get('sealtrack_sealed')).toBe(1);
  expect(await checkHealth(address, { transport: PLAINTEXT })).toBe('NOT_SERVING');
  const refused = { code: 'SEALED', fix: expect.stringContaining('sealtrack seal init') };
  for (const [name, definition] of guarded)
    await expect(callOf(definition as never, name), name).rejects.toMatchObject(refused);
});

test('once enough shares were given it answers', async () => {
  const { shares } = await seal.initializeSeal({ shares: 2, threshold: 2 });
  for (const share of shares) await seal.unseal({ share });
  expect(gauges.get('sealtrack_sealed')).toBe(0);
  expect(await checkHealth(address, { transport: PLAINTEXT })).toBe('SERVING');
  for (const [name, definition] of guarded) {
    const code = await callOf(definition as never, name).then(
      () => 'answered',
      ({ code: said }) => said,
    );
    expect(code, name).toBe(name === 'backUpKeys' ? 'answered' : 'INVALID_ARGUMENT');
  }
});

test('it makes a holding key for a tenant, and gives the same one to whoever asks again', async () => {
  await using holding = connectRpc(HoldingServiceDefinition, address, { transport: PLAINTEXT });
  const [one, two] = await Promise.all([1, 2].map(() => holding.ensureHoldingKey({ tenantId: 'demo' })));
  expect(one?.certificate).toMatchObject({ holding: true, problem: 'holding', hasPrivateKey: true });
  expect(two).toEqual(one);
  await using certificates = connectRpc(CertificateServiceDefinition, address, { transport: PLAINTEXT });
  const { certificates: listed } = await certificates.listCertificates({ tenantId: 'demo' });
  expect(listed).toMatchObject([{ holding: true, problem: 'holding', alias: 'holding key' }]);
});
