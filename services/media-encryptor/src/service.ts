import { hostname } from 'node:os';
import { consumeEvents } from '@sealtrack/bus/consume';
import { openKv } from '@sealtrack/bus/kv';
import { openObjectStore } from '@sealtrack/bus/object-store';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { IngestServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { BUCKETS, STREAMS, SUBJECTS } from '@sealtrack/contracts/subjects';
import { openMediaStore } from '@sealtrack/media-store/open-media-store';
import { implement, startRpcServer } from '@sealtrack/rpc/server';
import { createCallAccess } from '@sealtrack/service-kit/call-access';
import { createCallMetrics } from '@sealtrack/service-kit/call-metrics';
import { repeat } from '@sealtrack/service-kit/repeat';
import type { ServiceContext } from '@sealtrack/service-kit/run';
import { collectYoung } from '@sealtrack/service-kit/steady-memory';
import { continueTrace } from '@sealtrack/service-kit/trace';
import { openTrust } from '@sealtrack/trust-files/trust-settings';
import { createBusAnnouncer } from './adapters/bus-announcer.ts';
import { announceDeadLetter } from './adapters/dead-letter-announcer.ts';
import { createGrpcHoldingKeys } from './adapters/grpc-holding-keys.ts';
import { connectLate } from './adapters/late-bus.ts';
import { createProfileWatch } from './adapters/profile-watch.ts';
import { openSnapshotFile } from './adapters/snapshot-file.ts';
import { reportStatus } from './adapters/status-reporter.ts';
import { createStoreAttempts } from './adapters/store-attempts.ts';
import { createStoreQuarantine } from './adapters/store-quarantine.ts';
import { VERSION } from './adapters/version.ts';
import { beginProfiles } from './begin-profiles.ts';
import type { Config } from './config.ts';
import { countRecordings, leftOutCounter, quarantineMetrics } from './count-recordings.ts';
import { encryptorStatus, instanceName } from './domain/encryptor-status.ts';
import { createEncryptCapture } from './encrypt-capture.ts';
import { createEncryptRecording } from './encrypt-recording.ts';
import { createHealAttempts } from './heal-attempts.ts';
import { createKeepSnapshot } from './keep-snapshot.ts';
import { createPutRecording } from './put-recording.ts';
import { createReleaseQuarantined } from './release-quarantined.ts';
import { repeatOnChange } from './repeat-on-change.ts';
import { createReportLeftOut } from './report-left-out.ts';
import { createReviewProfiles } from './review-profiles.ts';
import { createWatchAge } from './watch-age.ts';

const HEAL_EVERY_MS = 5_000;
/** A certificate can also become valid by the clock alone. */
const RELEASE_EVERY_MS = 60_000;
/** While the crypto server is away. */
const RELEASE_SOON_MS = 5_000;
/** Profiles are often changed one after the other. */
const RELEASE_PAUSE_MS = 1_000;
/** Longer than the pauses of a pipeline that sends a call while it is being held. */
const UPLOAD_IDLE_MS = 5 * 60 * 1000;
/** A crash leaves at most this long before its temporary files go; a live source pauses less. */
const TIDY_OLDER_THAN_MS = 24 * 60 * 60 * 1000;

export async function start(config: Config, { log, metrics, transport, access, signal }: ServiceContext) {
  await using stack = new AsyncDisposableStack();
  const ended = new AbortController();
  const clock = () => new Date();
  const instance = {
    name: config.instance ?? instanceName(hostname(), process.pid),
    version: VERSION,
    startedAt: clock(),
  };

  const store = stack.use(await openMediaStore(config.mediaStore));
  const files = stack.use(await openTrust(config, log, () => review.again()));
  const profiles = createProfileWatch({ trust: { accept: config.trust, ...files }, clock, log });
  const review = createReviewProfiles({ profiles, clock, log, collectYoung });
  const snapshots =
    config.stateDir === undefined ? undefined : await openSnapshotFile(config.stateDir, { clock, log });

  const bus = stack.use(
    connectLate({
      transport,
      url: config.natsUrl,
      name: 'media-encryptor',
      log,
      signal: AbortSignal.any([signal, ended.signal]),
    }),
  );
  // Before the bus goes: what follows it ends without an error then.
  stack.defer(() => ended.abort());
  const announcer = createBusAnnouncer(bus.current);
  const attempts = createStoreAttempts(store, log);
  const stored = await snapshots?.read();
  if (stored !== undefined) profiles.startOn(stored);
  const following = bus.use((there) => profiles.follow(openKv(there, BUCKETS.profiles), ended.signal));
  await beginProfiles({ profiles, bus, following, stored, log }, signal);
  const quarantine = createStoreQuarantine(store, log);
  const reportLeftOut = createReportLeftOut({ log, clock, leftOut: leftOutCounter(metrics) });
  const shared = { store, profiles, announcer, attempts, quarantine, clock, log };
  const encrypt = countRecordings(createEncryptRecording({ ...shared, reportLeftOut }), metrics, log);
  const heal = createHealAttempts(shared);
  // It walks through every folder there is, so nobody waits for it.
  store.tidy(TIDY_OLDER_THAN_MS).catch((err) => log.error({ err }, 'could not tidy the media store'));
  await heal(ended.signal);
  const healing = repeat(() => heal(ended.signal), HEAL_EVERY_MS, ended.signal, log);
  const holding =
    config.cryptoAddress === undefined
      ? undefined
      : stack.use(createGrpcHoldingKeys(config.cryptoAddress, transport));
  if (holding === undefined)
    log.warn({}, 'no SEALTRACK_CRYPTO_ADDRESS: this encryptor releases no recordings from quarantine');
  const release = createReleaseQuarantined({
    ...shared,
    ...quarantineMetrics(metrics),
    holding,
    isReady: () => announcer.ready() && profiles.isCurrent(),
    random: Math.random,
  });
  const releasing = repeatOnChange(() => release(ended.signal), {
    everyMs: RELEASE_EVERY_MS,
    soonMs: RELEASE_SOON_MS,
    pauseMs: RELEASE_PAUSE_MS,
    onChange: (changed) => profiles.changes(changed),
    signal: ended.signal,
    log,
  });

  const consuming = bus.use((there) =>
    consumeEvents(there, {
      stream: STREAMS.captures,
      durable: 'media-encryptor',
      filter: SUBJECTS.allCaptures,
      kind: EVENT_KINDS.recordingCaptured,
      concurrency: config.captureConcurrency,
      maxDeliver: config.captureBackoffMs.length + 1,
      backoffMs: config.captureBackoffMs,
      ackWaitMs: config.captureAckWaitMs,
      handle: createEncryptCapture(encrypt, openObjectStore(there, BUCKETS.captures), clock),
      onDeadLetter: (letter, event) => announceDeadLetter(there, letter, event),
      signal: ended.signal,
      log,
    }),
  );

  const putRecording = createPutRecording(
    encrypt,
    { maxUploads: config.maxUploads, idleMs: UPLOAD_IDLE_MS },
    clock,
  );
  const server = stack.use(
    await startRpcServer({
      transport,
      access: createCallAccess(access, metrics),
      observe: createCallMetrics(metrics),
      listen: config.listen,
      services: [
        implement(IngestServiceDefinition, {
          putRecording: (requests, call) =>
            putRecording(requests, { signal: call.signal, traceparent: continueTrace(call.traceparent) }),
        }),
      ],
      log,
    }),
  );
  const watching = Promise.all([
    following,
    review.run(ended.signal),
    createWatchAge({ profiles, clock, metrics, log })(ended.signal),
    snapshots && createKeepSnapshot({ profiles, store: snapshots, log })(ended.signal),
    bus.use((there) =>
      reportStatus(
        {
          kv: openKv(there, BUCKETS.encryptors),
          isConnected: bus.isConnected,
          status: () => encryptorStatus(instance, review.reviewed(), profiles.currentAt(), clock()),
          changes: review.changes,
          log,
        },
        ended.signal,
      ),
    ),
  ]);
  const owned = stack.move();
  return {
    addresses: { grpc: server.address },
    async [Symbol.asyncDispose]() {
      ended.abort();
      await Promise.all([server.close(), consuming, healing, releasing, watching]);
      await owned.disposeAsync();
    },
  };
}
