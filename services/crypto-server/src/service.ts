import { createBusStream } from '@sealtrack/audit-trail/write/bus-stream';
import { createAuditWriter } from '@sealtrack/audit-trail/write/writer';
import { connectBus } from '@sealtrack/bus/connect';
import { openKv } from '@sealtrack/bus/kv';
import { ensureStreams } from '@sealtrack/bus/streams';
import { BackupServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/backup/v1/backup';
import { CertificateServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { HoldingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/holding/v1/holding';
import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { SealServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/seal/v1/seal';
import { BUCKETS } from '@sealtrack/contracts/subjects';
import { createKeyDecryptionPool } from '@sealtrack/envelope/key-decryption-pool';
import { proveImplicitRejection } from '@sealtrack/envelope/self-test';
import { openMediaStore } from '@sealtrack/media-store/open-media-store';
import { connectRedis } from '@sealtrack/redis/connect';
import { connectRpc } from '@sealtrack/rpc/client';
import { givenAway } from '@sealtrack/rpc/give-away';
import type { RpcContext } from '@sealtrack/rpc/serve';
import { implement, startRpcServer } from '@sealtrack/rpc/server';
import { createKeyring } from '@sealtrack/sealed-store/create-keyring';
import { createEncrypterTo } from '@sealtrack/sealed-store/encrypt-to-key';
import { createKeyArchives } from '@sealtrack/sealed-store/key-archives';
import { oneAtATime } from '@sealtrack/sealed-store/one-at-a-time';
import { createRedisKeyringStore } from '@sealtrack/sealed-store/redis-keyring-store';
import { createRedisSealedStore } from '@sealtrack/sealed-store/redis-sealed-store';
import { createCallAccess } from '@sealtrack/service-kit/call-access';
import { createCallMetrics } from '@sealtrack/service-kit/call-metrics';
import type { ServiceContext } from '@sealtrack/service-kit/run';
import { continueTrace } from '@sealtrack/service-kit/trace';
import { createSigner } from '@sealtrack/statements/create-signer';
import { openTicketVerifier } from '@sealtrack/tickets/open-verifier';
import { openTrust } from '@sealtrack/trust-files/trust-settings';
import { createApproversFile, readApprovers } from './adapters/approvers-file.ts';
import { createBackupFolder } from './adapters/backup-folder.ts';
import { createBackupFolderSource } from './adapters/backup-folder-source.ts';
import { createBusAnnouncer } from './adapters/bus-announcer.ts';
import { createBusAuditTrail } from './adapters/bus-audit-trail.ts';
import { createFolderSpool } from './adapters/folder-spool.ts';
import { guardKeyrings } from './adapters/guarded-keyrings.ts';
import { createIndexLoss } from './adapters/index-loss.ts';
import { createKeyRouting } from './adapters/key-routing.ts';
import { createKvAssignments } from './adapters/kv-assignments.ts';
import { createKvUsedTickets } from './adapters/kv-used-tickets.ts';
import { createMetadataDirectory } from './adapters/metadata-directory.ts';
import { createRedisCertificates } from './adapters/redis-certificates.ts';
import { createRedisHeldCertificates } from './adapters/redis-held-certificates.ts';
import { createRedisHoldingKeys } from './adapters/redis-holding-keys.ts';
import { createSealedPrivateKeys } from './adapters/sealed-private-keys.ts';
import { createStoredCiphertexts } from './adapters/stored-ciphertexts.ts';
import { createUnsealProvider } from './adapters/unseal-provider.ts';
import { createAdoptKeyring } from './adopt-keyring.ts';
import { createAuthorisePlayback } from './authorise-playback.ts';
import { createBackUpKeys } from './back-up-keys.ts';
import type { CallerContext } from './caller-context.ts';
import type { Config } from './config.ts';
import { createDeletionUseCases } from './deletion-use-cases.ts';
import { createCertificateTrust } from './domain/certificate-trust.ts';
import { createEnsureHoldingKey } from './ensure-holding-key.ts';
import { createFailures } from './failures.ts';
import { createFindHeldKey } from './find-held-key.ts';
import { createFindMedia } from './find-media.ts';
import { createFindMediaKey } from './find-media-key.ts';
import { createGetCertificate } from './get-certificate.ts';
import { createGetSealStatus } from './get-seal-status.ts';
import { createHandOutShares } from './hand-out-shares.ts';
import { createHousekeeping } from './housekeeping.ts';
import { createImportCertificate } from './import-certificate.ts';
import { createKeepOpen } from './keep-open.ts';
import { createListCertificates } from './list-certificates.ts';
import { createOpenKeys } from './open-keys.ts';
import { createPlaybackUseCases } from './playback-use-cases.ts';
import { createPutBackCertificate } from './put-back-certificate.ts';
import { createRecordRefusals } from './record-refusals.ts';
import { createRenewBackups } from './renew-backups.ts';
import { createRestoreKeys } from './restore-keys.ts';
import { createRewrapHeldMedia } from './rewrap-held-media.ts';
import { createRotateRoot } from './rotate-root.ts';
import { createRotateSeal } from './rotate-seal.ts';
import { createUnseal } from './unseal.ts';
import { createUnwrapMediaKey } from './unwrap-media-key.ts';
import { createVerifyBackup } from './verify-backup.ts';
import { createWhileOpen } from './while-open.ts';

const HOUR_MS = 60 * 60 * 1000;

/** Longer than other files: all that this service is made of is put together here, and nowhere else. */
export async function start(config: Config, { log, metrics, transport, access, signal }: ServiceContext) {
  await proveImplicitRejection();
  await using stack = new AsyncDisposableStack();
  const ended = new AbortController();
  const clock = () => new Date();

  const provider = createUnsealProvider(config);
  if (config.approversFile !== undefined) await readApprovers(config.approversFile);
  const files = stack.use(await openTrust(config, log));
  const store = stack.use(await openMediaStore(config.mediaStore, { readOnly: true }));
  const redis = stack.use(
    connectRedis({
      ...{ transport, log },
      url: config.redisUrl,
      password: config.redisPassword,
      name: 'crypto-server',
    }),
  );
  await redis.ready(signal);
  const bus = stack.use(
    await connectBus({
      transport,
      url: config.natsUrl,
      name: 'crypto-server',
      waitOnFirstConnect: true,
      log,
    }),
  );
  await ensureStreams(bus);
  const metadata = stack.use(connectRpc(RecordingServiceDefinition, config.metadataAddress, { transport }));

  const durability = { replicas: config.redisReplicas };
  const keys = createRedisSealedStore(redis, durability);
  const backup = createBackupFolder(config.backupDir);
  const keyrings = createRedisKeyringStore(redis, durability);
  const keyring = createKeyring({
    keyrings: guardKeyrings(keyrings, backup.keyring),
    keys,
    provider,
    onChange: backup.keepKeyring,
    log,
  });
  const certificates = createRedisCertificates(redis, durability);
  const privateKeys = createSealedPrivateKeys(keys, keyring);
  const directory = createMetadataDirectory(metadata);
  const trust = createCertificateTrust({ accept: config.trust, profile: config.trustProfile, ...files });
  const judge = (certificate: Parameters<typeof trust.judge>[0]) => trust.judge(certificate, clock());
  const records = stack.use(
    createAuditWriter({
      ...{ stream: createBusStream(bus), signer: createSigner(transport), log, now: clock },
      source: 'crypto-server',
    }),
  );
  const audit = createBusAuditTrail(records);
  const announcer = createBusAnnouncer(bus, log);

  const { decryptKey } = stack.use(createKeyDecryptionPool({ threads: config.unwrapThreads }));
  const openKeys = createOpenKeys({
    certificates,
    privateKeys,
    maxKeys: config.keyCacheSize,
    maxAgeMs: config.keyCacheSeconds * 1_000,
  });
  const findHeldKey = createFindHeldKey({ openKeys, decryptKey });
  const tickets = stack.use(await openTicketVerifier(config, log));
  const usedTickets = createKvUsedTickets(openKv(bus, BUCKETS.tickets));
  const authorise = createAuthorisePlayback({ access, tickets, used: usedTickets });
  const encryptTo = createEncrypterTo();
  const refusals = stack.use(createRecordRefusals({ audit, clock, log }));
  const failures = createFailures({
    ...{ perMinute: config.failuresPerMinute, now: () => performance.now(), metrics, log },
  });
  const routing = createKeyRouting({
    ...{ bus, transport, metrics, log, clock, access, authorise, findHeldKey, encryptTo, keyring },
    ...{ audit, refusals, failures },
    held: createRedisHeldCertificates(redis, keys.tenants),
  });
  if (routing !== undefined) stack.use(routing);
  const findKey = createFindMediaKey({ findHeldKey, askHolders: routing?.askHolders });
  const findMedia = createFindMedia(directory, store);
  const { sessions, ...playback } = stack.use(
    createPlaybackUseCases({
      ...{ authorise, findMedia, findKey, failures, encryptTo, audit, log },
      store: createStoredCiphertexts(store),
      openMs: config.callSeconds * 1_000,
      maxSessions: config.maxSessions,
      maxAgeMs: config.sessionSeconds * 1_000,
    }),
  );

  const graceMs = config.deletionGraceHours * HOUR_MS;
  const assignments = createKvAssignments(openKv(bus, BUCKETS.profiles));
  const loss = createIndexLoss(redis, durability);
  const recordings = loss.guard(directory);
  const { purge, ...deletions } = createDeletionUseCases({
    ...{ certificates, privateKeys, recordings, assignments, backup, audit, announcer, clock, log, graceMs },
    approvers: createApproversFile(config.approversFile),
    forgetKey(...key) {
      openKeys.forget(...key);
      sessions.forget(...key);
    },
  });
  const { deleteCertificate, approveDeletion, restoreCertificate } = deletions;
  const renewBackups = createRenewBackups({ certificates, privateKeys, backup, tenants: keys.tenants });

  const ensureHoldingKey = createEnsureHoldingKey({
    ...{ certificates, privateKeys, backup, judge, clock, log },
    holdingKeys: createRedisHoldingKeys(redis, durability),
    exclusive: oneAtATime(),
  });
  const rewrapHeldMedia = createRewrapHeldMedia({
    ...{ certificates, openKeys, judge, audit, log },
    unwrap: createUnwrapMediaKey(findHeldKey),
  });

  const sealed = metrics.gauge(
    'sealtrack_sealed',
    '1 while no private key can be used, 0 when the seal is open',
  );
  const showState = () => {
    const isOpen = keyring.status().state === 'open';
    sealed.set(isOpen ? 0 : 1);
    if (!isOpen) {
      openKeys.clear();
      sessions.clear();
    }
    void routing?.subscriptions.look();
    server.setServing(isOpen, {
      except: [SealServiceDefinition.fullName, BackupServiceDefinition.fullName],
    });
  };
  const keepOpen = createKeepOpen(keyring, () => showState(), log);
  const whileOpen = createWhileOpen(keyring);
  const rotateSeal = createRotateSeal(keyring, renewBackups, log);

  const archives = createKeyArchives(keyring);
  const backUpKeys = createBackUpKeys({
    ...{ certificates, privateKeys, tenants: keys.tenants, archives, audit, clock, log },
  });
  const verifyBackup = createVerifyBackup({ archives });
  const copy = backup.keyring;
  const oneRestore = oneAtATime();
  const restoreKeys = createRestoreKeys({
    ...{ archives, audit, log },
    spool: createFolderSpool(config.backupDir),
    folder: createBackupFolderSource(config.backupDir, { keyring: copy, openRecord: keyring.openRecord }),
    adoptKeyring: createAdoptKeyring({
      ...{ keyring, keyrings, copy, log },
      onLoss: () => loss.note(clock()),
      onChange: () => showState(),
    }),
    putBack: createPutBackCertificate({ certificates, privateKeys, backup, clock, graceMs }),
  });

  const server = stack.use(
    await startRpcServer({
      transport,
      access: createCallAccess(access, metrics, refusals.note),
      observe: createCallMetrics(metrics),
      limits: {
        perSecond: config.callsPerSecond,
        burst: 2 * config.callsPerSecond,
        atOnce: config.callsAtOnce,
        allAtOnce: config.maxCalls,
      },
      patience: { takeMs: config.stallSeconds * 1_000 },
      listen: config.listen,
      services: [
        implement(SealServiceDefinition, {
          getSealStatus: createGetSealStatus(keyring),
          initializeSeal: createHandOutShares(keyring.initialise),
          renewShares: createHandOutShares(keyring.beginNewShares),
          unseal: createUnseal(keyring, showState, log),
          rotateSeal: (_, { signal: caller }) => rotateSeal(AbortSignal.any([caller, ended.signal])),
          rotateRoot: createRotateRoot(keyring, log),
        }),
        // A server that is not open yet is what one restores into.
        implement(BackupServiceDefinition, {
          backUpKeys: whileOpen((_, call) => backUpKeys(callerOf(call))),
          verifyBackup: (requests, call) => verifyBackup(requests, callerOf(call)),
          // One at a time: each keeps its archive on the disk meanwhile.
          restoreKeys: (requests, call) => oneRestore(() => restoreKeys(requests, callerOf(call))),
        }),
        implement(CertificateServiceDefinition, {
          importCertificate: whileOpen(
            createImportCertificate({
              ...{ certificates, privateKeys, backup, trust, announcer, clock },
              exclusive: oneAtATime(),
            }),
          ),
          getCertificate: whileOpen(createGetCertificate(certificates, privateKeys, judge)),
          listCertificates: whileOpen(createListCertificates(certificates, privateKeys, judge)),
          deleteCertificate: whileOpen((request, call) => deleteCertificate(request, callerOf(call))),
          approveDeletion: whileOpen((request, call) => approveDeletion(request, callerOf(call))),
          restoreCertificate: whileOpen((request, call) => restoreCertificate(request, callerOf(call))),
        }),
        implement(HoldingServiceDefinition, {
          ensureHoldingKey: whileOpen(ensureHoldingKey),
          rewrapHeldMedia: whileOpen((request, call) => rewrapHeldMedia(request, callerOf(call))),
        }),
        implement(DecryptionServiceDefinition, {
          // Its chunks are nobody else's.
          decryptMedia: whileOpen((request, call) =>
            givenAway(playback.decryptMedia(request, callerOf(call))),
          ),
          exportPkcs7: whileOpen((request, call) => playback.exportPkcs7(request, callerOf(call))),
          unwrapKeys: whileOpen((request, call) => playback.unwrapKeys(request, callerOf(call))),
          unwrapKey: whileOpen((request, call) => playback.unwrapKey(request, callerOf(call))),
          getWaveform: whileOpen((request, call) => playback.getWaveform(request, callerOf(call))),
          inspectMedia: whileOpen((request, call) => playback.inspectMedia(request, callerOf(call))),
        }),
      ],
      log,
    }),
  );
  await keepOpen.look();
  const housekeeping = createHousekeeping({ keyring, renewBackups, purge, tenants: keys.tenants, log });
  const background = Promise.all([
    ...[keepOpen.until(ended.signal), housekeeping(ended.signal)],
    routing?.subscriptions.until(ended.signal),
  ]);

  const owned = stack.move();
  return {
    addresses: { grpc: server.address },
    async [Symbol.asyncDispose]() {
      ended.abort();
      // Others ask another server at once, and calls here still ask others.
      await Promise.all([server.close(), background, routing?.[Symbol.asyncDispose]()]);
      await owned.disposeAsync();
    },
  };
}

const callerOf = (call: RpcContext & { signal: AbortSignal; peer: string }): CallerContext => ({
  signal: call.signal,
  peer: call.peer,
  names: call.caller,
  via: call.via,
  traceparent: continueTrace(call.traceparent),
});
