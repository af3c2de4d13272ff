import { connectBus } from '@sealtrack/bus/connect';
import { openKv } from '@sealtrack/bus/kv';
import { ensureStreams } from '@sealtrack/bus/streams';
import { CertificateServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { ProfileServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { BUCKETS } from '@sealtrack/contracts/subjects';
import { connectRpc } from '@sealtrack/rpc/client';
import { implement, startRpcServer } from '@sealtrack/rpc/server';
import type { ServiceContext } from '@sealtrack/service-kit/run';
import { createBusAnnouncer } from './adapters/bus-announcer.ts';
import { createBusCertificateAnnouncer } from './adapters/bus-certificate-announcer.ts';
import { createCryptoDirectory } from './adapters/crypto-directory.ts';
import { createCryptoRevocations } from './adapters/crypto-revocations.ts';
import { createKvNotices } from './adapters/kv-notices.ts';
import { createKvProfiles } from './adapters/kv-profiles.ts';
import { createKvSettings } from './adapters/kv-settings.ts';
import { createAssignCertificates } from './assign-certificates.ts';
import type { Config } from './config.ts';
import { createCreateProfile } from './create-profile.ts';
import { createSummarize } from './domain/assigned-certificates.ts';
import { createGetProfile } from './get-profile.ts';
import { createListProfiles } from './list-profiles.ts';
import { startWatches } from './start-watches.ts';

export async function start(config: Config, { log, metrics }: ServiceContext) {
  await using stack = new AsyncDisposableStack();

  const bus = stack.use(
    await connectBus({ url: config.natsUrl, name: 'profile-config', waitOnFirstConnect: true, log }),
  );
  await ensureStreams(bus);
  const kv = openKv(bus, BUCKETS.profiles, {
    existsCode: 'PROFILE_EXISTS',
    conflictCode: 'PROFILE_CONFLICT',
  });
  const profiles = createKvProfiles(kv, log);
  const crypto = stack.use(connectRpc(CertificateServiceDefinition, config.cryptoAddress));
  const certificates = createCryptoDirectory(crypto);
  const announcer = createBusAnnouncer(bus, log);
  stack.use(
    startWatches({
      settings: createKvSettings(kv, createSummarize(), log),
      revocations: createCryptoRevocations(crypto),
      notices: createKvNotices(openKv(bus, BUCKETS.notices)),
      announcer: createBusCertificateAnnouncer(bus),
      clock: () => new Date(),
      ...{ metrics, log },
    }),
  );

  const server = stack.use(
    await startRpcServer({
      listen: config.listen,
      services: [
        implement(ProfileServiceDefinition, {
          createProfile: createCreateProfile(profiles, announcer),
          assignCertificates: createAssignCertificates(profiles, certificates, announcer),
          getProfile: createGetProfile(profiles),
          listProfiles: createListProfiles(profiles),
        }),
      ],
      log,
    }),
  );
  const owned = stack.move();
  return { addresses: { grpc: server.address }, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
