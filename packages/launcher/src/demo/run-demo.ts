import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { formatBytes, formatRate, formatSeconds } from '@sealtrack/cli/units';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import type { System } from '../system.ts';
import { decryptRange, decryptWhole, middleOf } from './decrypt-and-compare.ts';
import { type Doors, openDoors } from './doors.ts';
import { type EventLog, openEventLog } from './event-log.ts';
import { keepOriginal, openOriginal } from './keep-original.ts';
import { makeTenant, PROFILE_ID } from './make-tenant.ts';
import { opensslTakes, openWithOpenssl, splice } from './open-with-openssl.ts';
import {
  type Original,
  originalForNats,
  type Published,
  publishByGrpc,
  publishByNats,
} from './publish-recordings.ts';
import type { Done, Report } from './report.ts';
import { KEY_NAME, PKCS7_NAME, prepareResults, type Results } from './results.ts';
import { tryDoors } from './try-doors.ts';
import { waitUntilListed, watch } from './wait-until-stored.ts';

const EVENTS_WITHIN_MS = 5_000;

type StartedSystem = Pick<System, 'addresses' | 'natsUrl' | 'connections'>;

export interface DemoSetting {
  readonly file: string | undefined;
  readonly out: string;
  readonly tenantId: string;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Starts NATS, Redis and the five services; whoever calls the demo ends them. */
  startSystem(): Promise<StartedSystem>;
}

interface Demo extends DemoSetting {
  readonly doors: Doors;
  readonly events: EventLog;
  readonly results: Results;
  readonly original: Original;
}

interface Both {
  readonly grpc: Published;
  readonly nats: Published;
}

/** The main job, step by step. Throws at the first thing that is not as it should be. */
export async function runDemo(setting: DemoSetting): Promise<void> {
  const { report } = setting;
  const source = await openOriginal(setting.file);
  const results = await prepareResults(setting.out, setting.file);
  const original = await keepOriginal(source, results);
  const system = await report.step('start', async () => ({
    result: await setting.startSystem(),
    said: 'NATS, Redis and five services are up, each its own process',
  }));
  await report.step('secure', () => secure(system));
  await using doors = await openDoors(system);
  await using events = await openEventLog(doors.bus, results.events);
  const demo: Demo = { ...setting, doors, events, results, original };

  await report.step('keys', () => makeKeys(demo));
  const both = await publishAndWait(demo);
  await report.step('decrypt', () => decrypt(demo, both));
  await report.step('openssl', () => openssl(demo, both));
  await report.step('summary', () => summarise(demo));
}

async function secure({ addresses, connections }: StartedSystem): Promise<Done<void>> {
  const transport = await connections.transportOf('administrator');
  if (transport === PLAINTEXT)
    return {
      said: 'NOTHING: every connection is in plaintext, as SEALTRACK_TLS=off asks',
      result: undefined,
    };
  // Browsers have no certificate: who plays there has a ticket.
  const { playback: _, ...doors } = addresses;
  const versions = await tryDoors(transport, Object.values(doors));
  return {
    said: `gRPC, NATS and Redis speak mutual TLS only (${versions.join(', ')}), and each door refused who had no certificate`,
    result: undefined,
  };
}

async function makeKeys({ doors, tenantId, results, signal }: Demo): Promise<Done<void>> {
  const id = await makeTenant(doors, tenantId, results, signal);
  const said = `certificate ${id.slice(0, 8)} imported, and assigned to IVR profile ${PROFILE_ID}: the encryptor gets it by push`;
  return { said, result: undefined };
}

async function publishAndWait(demo: Demo): Promise<Both> {
  const { doors, tenantId, report, signal } = demo;
  const id = randomBytes(6).toString('hex');
  const [grpcId, natsId] = [`demo-grpc-${id}`, `demo-nats-${id}`] as const;
  await using grpcWatch = await watch(doors, tenantId, grpcId, signal);
  await using natsWatch = await watch(doors, tenantId, natsId, signal);
  const both = await report.step('publish', () => publish(demo, grpcId, natsId));
  await report.step('stored', async () => {
    const published = [both.grpc, both.nats];
    await waitUntilListed(doors, tenantId, published, [grpcWatch, natsWatch], signal);
    const subject = SUBJECTS.event(tenantId, 'recording', 'stored');
    await demo.events.caughtUp(subject, published.length, EVENTS_WITHIN_MS);
    return { said: 'recording.stored came for both, and both are in the list', result: undefined };
  });
  return both;
}

async function publish(demo: Demo, grpcId: string, natsId: string): Promise<Done<Both>> {
  const { doors, tenantId, original, signal } = demo;
  const grpc = await publishByGrpc(doors, tenantId, grpcId, original, signal);
  const { original: other, isOther } = await originalForNats(original);
  const nats = await publishByNats(doors, tenantId, natsId, other, signal);
  const note = isOther ? ', a generated call: the file is too large for the memory of NATS' : '';
  return { said: `by gRPC (${rateOf(grpc)}) and by NATS (${rateOf(nats)}${note})`, result: { grpc, nats } };
}

const rateOf = ({ original: { size }, seconds }: Published): string =>
  `${formatBytes(size)} at ${formatRate(size, seconds)}`;

async function decrypt(
  { doors, tenantId, results, signal }: Demo,
  { grpc, nats }: Both,
): Promise<Done<void>> {
  const started = performance.now();
  await decryptWhole(doors, tenantId, grpc, results.decrypted, signal);
  const rate = formatRate(grpc.original.size, (performance.now() - started) / 1000);
  const range = middleOf(grpc.original.size);
  await decryptRange(doors, tenantId, grpc, range, signal);
  await decryptWhole(doors, tenantId, nats, undefined, signal);
  const bytes = `bytes ${range.offset} to ${range.offset + range.length - 1}`;
  return {
    said: `both whole (${rate}) and ${bytes} of one: every SHA-256 is that of the original`,
    result: undefined,
  };
}

async function openssl({ doors, tenantId, results, signal }: Demo, { grpc }: Both): Promise<Done<void>> {
  const bytes = await splice(doors, tenantId, grpc, results, signal);
  const size = formatBytes(bytes);
  if (!opensslTakes(bytes)) {
    const said = `NOT opened: openssl takes no file of 2 GiB or more. recording.p7m (${size}) is written all the same`;
    return { said, result: undefined };
  }
  const version = await openWithOpenssl(grpc, results, signal);
  return {
    said: `${version} opened recording.p7m (${size}): the SHA-256 is the same`,
    result: undefined,
  };
}

async function summarise({ original, events, results, report }: Demo): Promise<Done<void>> {
  const whole = formatSeconds(report.elapsedSeconds());
  const size = formatBytes(original.size);
  const lines = [
    `${size} in, and the same out again, in ${whole}; ${events.count()} events seen`,
    `   results in ${results.folder}:`,
    `   ${basename(results.original)}, ${basename(results.decrypted)}: the same, ${size}, SHA-256 ${original.sha256}`,
    `   ${PKCS7_NAME}, ${KEY_NAME}, tenant.pem: openssl smime -decrypt -inform DER -in ${PKCS7_NAME} -inkey ${KEY_NAME}`,
    '   manifest.json: what is kept beside the ciphertext; events.ndjson: every event, headers included',
  ];
  return { said: lines.join('\n'), result: undefined };
}
