import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { putRecording } from '@sealtrack/cli/recordings/put-recording';
import { AppError } from '@sealtrack/errors/app-error';
import { type Doors, openDoors } from '../demo/doors.ts';
import { waitUntilApplied } from '../demo/wait-until-applied.ts';
import { generateCallWav } from '../generate-call.ts';
import type { System } from '../system.ts';
import { SAMPLE_TRANSCRIPT } from './sample-transcript.ts';

/** Calls are sealed with the certificate of the first; the second has none, so that there is something in quarantine. */
const SALES = { profileId: '1001', name: 'Demo: Sales' };
const SUPPORT = { profileId: '1002', name: 'Demo: Support, without a certificate' };

interface DemoRecording {
  readonly recordingId: string;
  readonly profileId: string;
  readonly contentType: string;
  readonly minutesAgo: number;
  readonly attributes: Readonly<Record<string, string>>;
  content(): Uint8Array;
}

const call = (seconds: number) => ({ contentType: 'audio/wav', content: () => generateCallWav(seconds) });

const RECORDINGS: readonly DemoRecording[] = [
  {
    ...{ recordingId: 'demo-call-1', profileId: SALES.profileId, minutesAgo: 190, ...call(180) },
    attributes: { agent: 'Alma Reyes', call: '0a7c31', queue: 'Sales', caller: '+15550100' },
  },
  {
    ...{ recordingId: 'demo-call-2', profileId: SALES.profileId, minutesAgo: 75, ...call(95) },
    attributes: { agent: 'Jon Abara', call: '0a7c32', queue: 'Sales', caller: '+15550101' },
  },
  {
    ...{ recordingId: 'demo-chat-1', profileId: SALES.profileId, minutesAgo: 40 },
    ...{ contentType: 'text/plain', content: () => Buffer.from(SAMPLE_TRANSCRIPT) },
    attributes: { agent: 'Alma Reyes', chat: '7f19', queue: 'Sales' },
  },
  {
    ...{ recordingId: 'demo-call-3', profileId: SUPPORT.profileId, minutesAgo: 12, ...call(45) },
    attributes: { agent: 'Mei Tan', call: '0a7c33', queue: 'Support', caller: '+15550102' },
  },
];

/**
 * Gives a tenant without profiles what there is to look at: a certificate, two profiles, three calls and a chat. The private key stays
 * in `<dir>/sample` too, so that OpenSSL can open the recordings: it is for nothing else. Resolves to whether it did.
 */
export async function addDemoRecordings(
  system: System,
  {
    tenantId,
    dir,
    signal,
  }: { readonly tenantId: string; readonly dir: string; readonly signal: AbortSignal },
): Promise<boolean> {
  await using doors = await openDoors(system);
  const { total } = await doors.profiles.listProfiles(
    { tenantId, pageSize: 1, includeDeleted: true },
    { signal },
  );
  if (total > 0) return false;
  await makeProfiles(doors, tenantId, dir, signal);
  for (const recording of RECORDINGS) await put(doors, tenantId, recording, signal);
  return true;
}

/** The file of the private key of a profile's certificate, where that is the demo's. */
export async function findDemoKey(dir: string, profileId: string | undefined): Promise<string | undefined> {
  if (profileId !== SALES.profileId) return undefined;
  const isThere = await stat(demoKeyFile(dir)).then(
    () => true,
    () => false,
  );
  return isThere ? demoKeyFile(dir) : undefined;
}

const demoKeyFile = (dir: string): string => join(dir, 'sample', 'demo.key');

async function makeProfiles(doors: Doors, tenantId: string, dir: string, signal: AbortSignal): Promise<void> {
  const { certificates, profiles } = doors;
  const { certificatePem, privateKeyPem } = await createSelfSigned({
    commonName: 'Sealtrack demo, not for real recordings',
    organization: tenantId,
  });
  try {
    await mkdir(join(dir, 'sample'), { recursive: true });
    await writeFile(demoKeyFile(dir), privateKeyPem, { mode: 0o600 });
    const { certificate } = await certificates.importCertificate(
      { tenantId, certificate: Buffer.from(certificatePem), privateKey: privateKeyPem, alias: 'demo' },
      { signal },
    );
    if (certificate === undefined) throw noCertificate();
    for (const { profileId, name } of [SALES, SUPPORT])
      await profiles.createProfile({ tenantId, profileId, name }, { signal });
    const certificateIds = [certificate.certificateId];
    await profiles.assignCertificates({ tenantId, profileId: SALES.profileId, certificateIds }, { signal });
    for (const { profileId } of [SALES, SUPPORT]) await waitUntilApplied(doors, tenantId, profileId);
  } finally {
    privateKeyPem.fill(0);
  }
}

async function put(
  { ingest }: Doors,
  tenantId: string,
  { recordingId, profileId, contentType, minutesAgo, attributes, content }: DemoRecording,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = new Date(Date.now() - minutesAgo * 60_000);
  const header = { tenantId, profileId, recordingId, mediaId: 'main', contentType, mediaType: '', startedAt };
  const bytes = content();
  const pieces = async function* () {
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
  };
  await putRecording(ingest, { ...header, attributes: { ...attributes } }, pieces(), signal);
}

const CHUNK_BYTES = 256 * 1024;

const noCertificate = (): AppError =>
  new AppError('INTERNAL', 'crypto-server imported a certificate without saying which', {
    fix: 'Look into the log of crypto-server.',
  });
