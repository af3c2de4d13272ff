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
import { createCryptoDirectory } from './adapters/crypto-directory.ts';
import { createKvEncryptors } from './adapters/kv-encryptors.ts';
import { createKvProfiles } from './adapters/kv-profiles.ts';
import { createKvPushedEntries } from './adapters/kv-pushed-entries.ts';
import { createAssignCertificates } from './assign-certificates.ts';
import type { Config } from './config.ts';
import { createCreateProfile } from './create-profile.ts';
import { createGetProfile } from './get-profile.ts';
import { createGetRollout } from './get-rollout.ts';
import { createListProfiles } from './list-profiles.ts';

export async function start(config: Config, { log }: ServiceContext) {
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
  const encryptors = createKvEncryptors(openKv(bus, BUCKETS.encryptors), log);
  const announcer = createBusAnnouncer(bus, log);

  const server = stack.use(
    await startRpcServer({
      listen: config.listen,
      services: [
        implement(ProfileServiceDefinition, {
          createProfile: createCreateProfile(profiles, announcer),
          assignCertificates: createAssignCertificates(profiles, certificates, announcer),
          getProfile: createGetProfile(profiles),
          listProfiles: createListProfiles(profiles),
          getRollout: createGetRollout(createKvPushedEntries(kv), encryptors, () => new Date()),
        }),
      ],
      log,
    }),
  );
  const owned = stack.move();
  return { addresses: { grpc: server.address }, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
