import { connectBus } from '@sealtrack/bus/connect';
import { openKv } from '@sealtrack/bus/kv';
import { ensureStreams } from '@sealtrack/bus/streams';
import { CertificateServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { HoldingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/holding/v1/holding';
import { ProfileServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { BUCKETS } from '@sealtrack/contracts/subjects';
import { connectRpc } from '@sealtrack/rpc/client';
import { implement, startRpcServer } from '@sealtrack/rpc/server';
import { createCallAccess } from '@sealtrack/service-kit/call-access';
import { createCallMetrics } from '@sealtrack/service-kit/call-metrics';
import { repeat } from '@sealtrack/service-kit/repeat';
import type { ServiceContext } from '@sealtrack/service-kit/run';
import { createBucketWatch } from './adapters/bucket-watch.ts';
import { createBusAnnouncer } from './adapters/bus-announcer.ts';
import { createBusCertificateAnnouncer } from './adapters/bus-certificate-announcer.ts';
import { createCryptoDirectory } from './adapters/crypto-directory.ts';
import { createCryptoFinder } from './adapters/crypto-finder.ts';
import { createCryptoRevocations } from './adapters/crypto-revocations.ts';
import { createHoldingDirectory } from './adapters/holding-directory.ts';
import { createKvEncryptors } from './adapters/kv-encryptors.ts';
import { createKvHoldingKeys } from './adapters/kv-holding-keys.ts';
import { createKvNotices } from './adapters/kv-notices.ts';
import { createKvProfiles } from './adapters/kv-profiles.ts';
import { createKvPushedEntries } from './adapters/kv-pushed-entries.ts';
import { createKvScreenSettings } from './adapters/kv-screen-settings.ts';
import { createKvSettings } from './adapters/kv-settings.ts';
import { createProfileLists } from './adapters/profile-lists.ts';
import { createAssignCertificates } from './assign-certificates.ts';
import { createCheckHoldingKeys } from './check-holding-keys.ts';
import type { Config } from './config.ts';
import { createCountAssignments } from './count-assignments.ts';
import { createCreateProfile } from './create-profile.ts';
import { createDeleteProfile } from './delete-profile.ts';
import { createSummarize } from './domain/assigned-certificates.ts';
import { createEnsureHoldingKey } from './ensure-holding-key.ts';
import { createExportGenesysSettings } from './export-genesys-settings.ts';
import { createGetProfile } from './get-profile.ts';
import { createGetRollout } from './get-rollout.ts';
import { createGetScreenSettings } from './get-screen-settings.ts';
import { createImportGenesysSettings } from './import-genesys-settings.ts';
import { createListProfiles } from './list-profiles.ts';
import { createListTenants } from './list-tenants.ts';
import { createMakeUpHoldingKeys } from './make-up-holding-keys.ts';
import { runWatches } from './run-watches.ts';
import { createSaveScreenSettings } from './save-screen-settings.ts';
import { createUpdateProfile } from './update-profile.ts';

const MAKE_UP_EVERY_MS = 60_000;
/** A key that the crypto server lost is no matter of minutes, and there may be thousands of tenants. */
const CHECK_EVERY_MS = 10 * 60_000;
/** Whoever waits for a change gives it up after 10 s, and is to learn the reason before. */
const CRYPTO_DEADLINE_MS = 7_000;

export async function start(config: Config, { log, metrics, transport, access }: ServiceContext) {
  await using stack = new AsyncDisposableStack();
  const ended = new AbortController();

  const bus = stack.use(
    await connectBus({
      transport,
      url: config.natsUrl,
      name: 'profile-config',
      waitOnFirstConnect: true,
      log,
    }),
  );
  await ensureStreams(bus);
  const codes = { existsCode: 'PROFILE_EXISTS', conflictCode: 'PROFILE_CONFLICT' } as const;
  const watch = createBucketWatch(openKv(bus, BUCKETS.profiles, codes), log);
  const { kv } = watch;
  const lists = createProfileLists(watch);
  const settings = createKvSettings(watch, createSummarize());
  const profiles = createKvProfiles(kv);
  const screenSettings = createKvScreenSettings(kv);
  const patience = { transport, deadlineMs: CRYPTO_DEADLINE_MS };
  const crypto = stack.use(connectRpc(CertificateServiceDefinition, config.cryptoAddress, patience));
  const holding = stack.use(connectRpc(HoldingServiceDefinition, config.cryptoAddress, patience));
  const certificates = createCryptoDirectory(crypto);
  const encryptors = createKvEncryptors(openKv(bus, BUCKETS.encryptors), log);
  const announcer = createBusAnnouncer(bus, log);
  const holdingKeys = createKvHoldingKeys(kv);
  const holdingDirectory = createHoldingDirectory(holding, crypto);
  const ensureHolding = createEnsureHoldingKey(holdingKeys, holdingDirectory);
  const makeUp = createMakeUpHoldingKeys({
    ...{ withoutKey: lists.withoutHoldingKey, ensureHoldingKey: ensureHolding, log },
  });

  const checkHolding = createCheckHoldingKeys({
    ...{ withKey: lists.withHoldingKey, keys: holdingKeys, directory: holdingDirectory, log },
  });

  // They end before what they use.
  const running = [watch.follow(ended.signal)];
  stack.defer(async () => {
    ended.abort();
    await Promise.all(running);
  });
  await Promise.race([watch.ready, ...running]);
  running.push(
    runWatches(
      {
        settings,
        revocations: createCryptoRevocations(crypto),
        notices: createKvNotices(openKv(bus, BUCKETS.notices)),
        announcer: createBusCertificateAnnouncer(bus),
        clock: () => new Date(),
        ...{ metrics, log },
      },
      ended.signal,
    ),
    checkHolding(ended.signal).then(() =>
      repeat(() => checkHolding(ended.signal), CHECK_EVERY_MS, ended.signal, log),
    ),
    makeUp(ended.signal).then(() => repeat(() => makeUp(ended.signal), MAKE_UP_EVERY_MS, ended.signal, log)),
  );

  const calls = {
    createProfile: createCreateProfile(profiles, announcer, ensureHolding),
    updateProfile: createUpdateProfile(profiles, screenSettings, announcer),
    assignCertificates: createAssignCertificates(profiles, certificates, announcer),
    deleteProfile: createDeleteProfile(profiles, announcer),
    getProfile: createGetProfile(profiles),
    listProfiles: createListProfiles(lists),
    getScreenSettings: createGetScreenSettings(screenSettings),
    saveScreenSettings: createSaveScreenSettings(screenSettings, certificates, announcer, ensureHolding),
  };
  const server = stack.use(
    await startRpcServer({
      transport,
      access: createCallAccess(access, metrics),
      observe: createCallMetrics(metrics),
      listen: config.listen,
      services: [
        implement(ProfileServiceDefinition, {
          ...calls,
          countAssignments: createCountAssignments(lists),
          listTenants: createListTenants(lists),
          getRollout: createGetRollout(createKvPushedEntries(kv), encryptors, () => new Date()),
          exportGenesysSettings: createExportGenesysSettings(calls),
          importGenesysSettings: createImportGenesysSettings(calls, certificates, createCryptoFinder(crypto)),
        }),
      ],
      log,
    }),
  );
  const owned = stack.move();
  return { addresses: { grpc: server.address }, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
