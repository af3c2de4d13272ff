import { connectBus } from '@sealtrack/bus/connect';
import { ensureStreams } from '@sealtrack/bus/streams';
import { CertificateServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { createKeyDecryptionPool } from '@sealtrack/envelope/key-decryption-pool';
import { proveImplicitRejection } from '@sealtrack/envelope/self-test';
import { openMediaStore } from '@sealtrack/media-store/open-media-store';
import { connectRedis } from '@sealtrack/redis/connect';
import { connectRpc } from '@sealtrack/rpc/client';
import type { RpcContext } from '@sealtrack/rpc/serve';
import { implement, startRpcServer } from '@sealtrack/rpc/server';
import { createEncrypterTo } from '@sealtrack/sealed-store/encrypt-to-key';
import { loadKekFile } from '@sealtrack/sealed-store/kek-file';
import { createRedisSealedStore } from '@sealtrack/sealed-store/redis-sealed-store';
import type { ServiceContext } from '@sealtrack/service-kit/run';
import { continueTrace } from '@sealtrack/service-kit/trace';
import { createBusAnnouncer } from './adapters/bus-announcer.ts';
import { createBusAuditTrail } from './adapters/bus-audit-trail.ts';
import { createMetadataDirectory } from './adapters/metadata-directory.ts';
import { createRedisCertificates } from './adapters/redis-certificates.ts';
import { createSealedPrivateKeys } from './adapters/sealed-private-keys.ts';
import { createStoredCiphertexts } from './adapters/stored-ciphertexts.ts';
import type { Config } from './config.ts';
import { type CallerContext, createDecryptMedia } from './decrypt-media.ts';
import { createExportPkcs7 } from './export-pkcs7.ts';
import { createFindMedia } from './find-media.ts';
import { createGetCertificate } from './get-certificate.ts';
import { createImportCertificate } from './import-certificate.ts';
import { createListCertificates } from './list-certificates.ts';
import { createOpenKeys } from './open-keys.ts';
import { createUnwrapKeys } from './unwrap-keys.ts';
import { createUnwrapMediaKey } from './unwrap-media-key.ts';

export async function start(config: Config, { log, signal }: ServiceContext) {
  await proveImplicitRejection();
  await using stack = new AsyncDisposableStack();

  const keks = await loadKekFile(config.kekFile);
  const store = stack.use(await openMediaStore(config.mediaStore, { readOnly: true }));
  const redis = stack.use(connectRedis({ url: config.redisUrl, name: 'crypto-server', log }));
  await redis.ready(signal);
  const bus = stack.use(
    await connectBus({ url: config.natsUrl, name: 'crypto-server', waitOnFirstConnect: true, log }),
  );
  await ensureStreams(bus);
  const metadata = stack.use(connectRpc(RecordingServiceDefinition, config.metadataAddress));

  const certificates = createRedisCertificates(redis.client);
  const privateKeys = createSealedPrivateKeys(createRedisSealedStore(redis), keks);
  const audit = createBusAuditTrail(bus);
  const announcer = createBusAnnouncer(bus, log);
  const findMedia = createFindMedia(createMetadataDirectory(metadata), store);
  const { decryptKey } = stack.use(createKeyDecryptionPool({ threads: config.unwrapThreads }));
  const openKeys = createOpenKeys({
    certificates,
    privateKeys,
    maxKeys: config.keyCacheSize,
    maxAgeMs: config.keyCacheSeconds * 1_000,
  });
  const unwrap = createUnwrapMediaKey({ openKeys, decryptKey });
  const ciphertexts = createStoredCiphertexts(store);
  const decryptMedia = createDecryptMedia({ findMedia, unwrap, audit, store: ciphertexts, log });
  const unwrapKeys = createUnwrapKeys({ unwrap, encryptTo: createEncrypterTo(), audit });
  const exportPkcs7 = createExportPkcs7(findMedia, audit, ciphertexts);

  const server = stack.use(
    await startRpcServer({
      listen: config.listen,
      services: [
        implement(CertificateServiceDefinition, {
          importCertificate: createImportCertificate({
            certificates,
            privateKeys,
            announcer,
            clock: () => new Date(),
          }),
          getCertificate: createGetCertificate(certificates, privateKeys),
          listCertificates: createListCertificates(certificates),
          deleteCertificate: notYet,
          approveDeletion: notYet,
          restoreCertificate: notYet,
        }),
        implement(DecryptionServiceDefinition, {
          decryptMedia: (request, call) => decryptMedia(request, callerOf(call)),
          exportPkcs7: (request, call) => exportPkcs7(request, callerOf(call)),
          unwrapKeys: (request, call) => unwrapKeys(request, callerOf(call)),
        }),
      ],
      log,
    }),
  );
  const owned = stack.move();
  return { addresses: { grpc: server.address }, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const notYet = async (): Promise<never> => {
  throw new Error('not yet');
};

const callerOf = (call: RpcContext & { signal: AbortSignal; peer: string }): CallerContext => ({
  signal: call.signal,
  peer: call.peer,
  traceparent: continueTrace(call.traceparent),
});
