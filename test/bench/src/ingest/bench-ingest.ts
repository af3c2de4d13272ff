import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { putCapture } from '@sealtrack/cli/recordings/put-capture';
import { putRecording } from '@sealtrack/cli/recordings/put-recording';
import { type Doors, openDoors } from '@sealtrack/launcher/demo/doors';
import { waitUntilApplied } from '@sealtrack/launcher/demo/wait-until-applied';
import { type System, startSystem } from '@sealtrack/launcher/system';
import { type Measurement, measurement } from '../report.ts';
import { busyCores } from './cpu.ts';
import { chunksOf, cryptoLimit } from './crypto-limit.ts';
import { countStored, keepBusy, until } from './load.ts';
import { objectStores } from './object-stores.ts';

const BENCH = 'ingest';
/** A minute of G.711: what most calls come as. */
const RECORDING_BYTES = 480_000;
const TENANT = 'bench';
const PROFILE = '101';
const SECONDS = 8;
const WARM_UP_SECONDS = 2;
const CONCURRENCY = 16;
/** With the whole system and the load generator on two cores. */
const GOAL = 0.2;

type Put = (doors: Doors, header: ReturnType<typeof newHeader>) => Promise<unknown>;

/** Recordings of 480 KB, from the pipeline's hand to `recording.stored`, beside what sealing alone could do. */
export async function benchIngest(say: (line: string) => void): Promise<Measurement[]> {
  const recording = randomBytes(RECORDING_BYTES);
  say('sealing alone, on one core …');
  const limit = await cryptoLimit(recording, 3);
  const dir = await mkdtemp(join(tmpdir(), 'sealtrack-bench-'));
  try {
    say('starting the system …');
    await using system = await startSystem({ dir });
    await using doors = await openDoors(system);
    await makeTenant(doors);
    const signal = new AbortController().signal;
    say(`gRPC, ${CONCURRENCY} at a time …`);
    const byGrpc: Put = (to, header) => putRecording(to.ingest, header, chunksOf(recording), signal);
    const grpc = await throughput(system, doors, byGrpc);
    say(`captures, ${CONCURRENCY} at a time …`);
    const byCapture: Put = (to, header) => putCapture(to.captures, header, chunksOf(recording), signal);
    const captures = await throughput(system, doors, byCapture);
    say('object stores …');
    const media = randomBytes(128 * 1024 * 1024);
    // Beside each other on a NATS of their own, on which both may do everything, in plaintext.
    const { ours, stock } = await objectStores(join(dir, 'object-stores'), media);
    return [
      row('seal only, one core', 'crypto', 'recordings', '1/s', limit),
      measurement({
        ...base('480 KB by gRPC', 'sealtrack', 'recordings', '1/s', grpc.rate),
        limit,
        goal: GOAL,
      }),
      ...cores('480 KB by gRPC', grpc.cores),
      measurement({ ...base('480 KB by capture', 'sealtrack', 'recordings', '1/s', captures.rate), limit }),
      ...cores('480 KB by capture', captures.cores),
      measurement({
        ...base('object store 128 MiB', 'sealtrack', 'put', 'MB/s', ours.put / 1e6),
        limit: stock.put / 1e6,
      }),
      measurement({
        ...base('object store 128 MiB', 'sealtrack', 'get', 'MB/s', ours.get / 1e6),
        limit: stock.get / 1e6,
      }),
      row('object store 128 MiB', '@nats-io/obj', 'put', 'MB/s', stock.put / 1e6),
      row('object store 128 MiB', '@nats-io/obj', 'get', 'MB/s', stock.get / 1e6),
    ];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

const base = (name: string, engine: string, metric: string, unit: string, value: number) => ({
  bench: BENCH,
  case: name,
  engine,
  metric,
  unit,
  value,
});
const row = (...parts: Parameters<typeof base>) => measurement(base(...parts));

/** Where the time goes: cores kept busy by each process. */
const cores = (name: string, busy: Readonly<Record<string, number>>): Measurement[] =>
  Object.entries(busy).map(([process, value]) =>
    measurement({ ...base(name, process, 'busy', 'cores', value), better: 'lower' }),
  );

async function makeTenant(doors: Doors): Promise<void> {
  const { certificates, profiles } = doors;
  const { certificatePem, privateKeyPem } = await createSelfSigned({ commonName: 'Bench' });
  const { certificate } = await certificates.importCertificate({
    tenantId: TENANT,
    certificate: Buffer.from(certificatePem),
    privateKey: privateKeyPem,
  });
  const certificateIds = [certificate?.certificateId ?? ''];
  await profiles.createProfile({ tenantId: TENANT, profileId: PROFILE, name: 'Bench' });
  await profiles.assignCertificates({ tenantId: TENANT, profileId: PROFILE, certificateIds });
  await waitUntilApplied(doors, TENANT, PROFILE);
}

const newHeader = () => ({
  tenantId: TENANT,
  profileId: PROFILE,
  recordingId: randomUUID(),
  mediaId: 'main',
  contentType: 'audio/wav',
  mediaType: '',
  startedAt: new Date(),
  attributes: { agent: '1001' },
});

/** Stored recordings a second, from the first one sent to the last one stored. */
async function throughput(system: System, doors: Doors, put: Put) {
  const ended = new AbortController();
  const stored = await countStored(doors.bus, TENANT, ended.signal);
  const one = async () => void (await put(doors, newHeader()));
  const warmUp = await keepBusy(CONCURRENCY, WARM_UP_SECONDS, one);
  await until(stored.count, warmUp, 60_000);
  const { services, nats, redis } = system;
  const pids = {
    'load generator': process.pid,
    'nats-server': nats.pid,
    'redis-server': redis.pid,
    ...Object.fromEntries(Object.entries(services).map(([name, service]) => [name, service.pid])),
  };
  const start = performance.now();
  const { result, cores: busy } = await busyCores(pids, async () => {
    const sent = await keepBusy(CONCURRENCY, SECONDS, one);
    await until(stored.count, warmUp + sent, 60_000);
    return sent;
  });
  const rate = result / ((performance.now() - start) / 1000);
  ended.abort();
  await stored.following;
  return { rate, cores: busy };
}
