import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type TailedEvent, tailEvents } from '@sealtrack/bus/tail';
import { decryptMedia } from '@sealtrack/cli/recordings/decrypt-media';
import { type Capture, putCapture } from '@sealtrack/cli/recordings/put-capture';
import { putRecording } from '@sealtrack/cli/recordings/put-recording';
import type { RecordingHeader, RecordingReceipt } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { waitUntilApplied } from '@sealtrack/launcher/demo/wait-until-applied';
import { onTestFinished } from 'vitest';
import { inChunks, mediaOf } from './media.ts';
import { type MediaFolder, readMediaFolder } from './media-folder.ts';
import type { SystemUnderTest } from './system-under-test.ts';
import { insist } from './until.ts';

export const PROFILE = '101';
export const SMALL = 20_000;
/** Takes long enough to encrypt that a signal sent after it began arrives before it is done. */
export const LARGE = 32 * 1024 * 1024;

export interface Sending {
  /** Bytes. */
  readonly size?: number;
  /** Instead of all bytes at once. */
  readonly content?: AsyncIterable<Uint8Array>;
  /** Another encryptor's door. */
  readonly ingest?: SystemUnderTest['doors']['ingest'];
}

/** A tenant with one profile and certificate, and the memory of a pipeline that keeps every receipt it was given. */
export interface Tenant {
  readonly id: string;
  readonly certificateId: string;
  readonly system: SystemUnderTest;
  /** Sizes in bytes of what was acknowledged, by recording id. */
  readonly acknowledged: Map<string, number>;
  /** Over gRPC. Resolves to the receipt, and remembers it. */
  put(recordingId: string, sending?: Sending): Promise<RecordingReceipt>;
  /** Over NATS. Resolves when the bus has acknowledged it, and remembers that. */
  capture(recordingId: string, size?: number): Promise<Capture>;
  /** Every event of the tenant so far, once and in order, through broker restarts. */
  events(entity: string, happened: string): readonly TailedEvent[];
  /** Ids as they are listed, page by page, a repeated one as often as it is there. In order. */
  listed(): Promise<string[]>;
  decrypt(recordingId: string): Promise<Buffer>;
  folder(): Promise<MediaFolder>;
  /** Where a recording's objects lie. */
  pathOf(recordingId: string): string;
  /** How many attempts have written bytes of this recording and are not done. */
  underWay(recordingId: string): Promise<number>;
}

let tenants = 0;

export async function newTenant(system: SystemUnderTest, wantedId?: string): Promise<Tenant> {
  tenants += 1;
  const id = wantedId ?? `tenant-${tenants}`;
  const { doors, mediaDir } = system;
  const certificateId = await prepare(system, id);
  const seen = followEvents(system, id);
  const acknowledged = new Map<string, number>();
  const pathOf = (recordingId: string) =>
    join(
      mediaDir,
      'recordings',
      id,
      createHash('sha256').update(recordingId).digest('hex').slice(0, 2),
      recordingId,
    );

  return {
    id,
    certificateId,
    system,
    acknowledged,
    put: async (recordingId, { size = SMALL, content, ingest = doors.ingest } = {}) => {
      const sent = content ?? inChunks(mediaOf(recordingId, size));
      const receipt = await putRecording(ingest, headerOf(id, recordingId), sent, NEVER);
      acknowledged.set(recordingId, size);
      return receipt;
    },
    capture: async (recordingId, size = SMALL) => {
      const content = inChunks(mediaOf(recordingId, size));
      const capture = await putCapture(doors.captures, headerOf(id, recordingId), content, NEVER);
      acknowledged.set(recordingId, size);
      return capture;
    },
    events: (entity, happened) =>
      seen.filter(({ subject }) => subject === `events.${id}.${entity}.${happened}`),
    listed: () => listAll(system, id),
    decrypt: async (recordingId) => {
      const request = { tenantId: id, recordingId, mediaId: '', range: undefined, purpose: 'fault tests' };
      const { content } = await decryptMedia(doors.decryption, request, NEVER);
      return Buffer.concat(await Array.fromAsync(content));
    },
    folder: () => readMediaFolder(mediaDir, id),
    pathOf,
    underWay: (recordingId) => countUnderWay(pathOf(recordingId)),
  };
}

const NEVER = new AbortController().signal;
const STARTED_AT = new Date('2026-03-04T05:06:07Z');

const headerOf = (tenantId: string, recordingId: string): RecordingHeader => ({
  tenantId,
  profileId: PROFILE,
  recordingId,
  mediaId: 'main',
  contentType: 'audio/wav',
  mediaType: '',
  startedAt: STARTED_AT,
  attributes: {},
});

/** What an administrator does; resolves to the certificate's id once the encryptor has the profile. */
async function prepare({ doors, certificate }: SystemUnderTest, tenantId: string): Promise<string> {
  // Each may have been restarted a moment ago, and these are all harmless to repeat.
  const { certificate: imported } = await insist('importing', () =>
    doors.certificates.importCertificate({
      tenantId,
      certificate: Buffer.from(certificate.certificatePem),
      privateKey: Buffer.from(certificate.privateKeyPem),
    }),
  );
  const certificateId = imported?.certificateId ?? '';
  const profile = { tenantId, profileId: PROFILE };
  await insist('creating the profile', () => doors.profiles.createProfile({ ...profile, name: 'Calls' }));
  await insist('assigning', () =>
    doors.profiles.assignCertificates({ ...profile, certificateIds: [certificateId] }),
  );
  await untilPushed({ id: tenantId, system: { doors } });
  return certificateId;
}

/** Resolves once every encryptor has the profile as it is now. */
export const untilPushed = ({
  id,
  system,
}: {
  readonly id: string;
  readonly system: Pick<SystemUnderTest, 'doors'>;
}): Promise<void> => insist('the push', () => waitUntilApplied(system.doors, id, PROFILE));

/** Events of the tenant, from its first to the end of the test. */
function followEvents({ doors }: SystemUnderTest, tenantId: string): readonly TailedEvent[] {
  const seen: TailedEvent[] = [];
  const done = new AbortController();
  const following = (async () => {
    const tail = tailEvents(doors.bus, {
      subject: `events.${tenantId}.>`,
      from: 'start',
      signal: done.signal,
    });
    for await (const event of tail) seen.push(event);
  })();
  following.catch(() => {});
  onTestFinished(async () => {
    done.abort();
    await following;
  });
  return seen;
}

async function listAll({ doors }: SystemUnderTest, tenantId: string): Promise<string[]> {
  const ids: string[] = [];
  for (let pageToken = ''; ; ) {
    const page = await doors.recordings.listRecordings({ tenantId, pageSize: 100, pageToken });
    ids.push(...page.recordings.map(({ recordingId }) => recordingId));
    pageToken = page.nextPageToken;
    if (pageToken === '') return ids.sort();
  }
}

async function countUnderWay(folder: string): Promise<number> {
  try {
    const names = (await readdir(folder)).filter((name) => name.startsWith('.creating-'));
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
    return sizes.filter((size) => size > 0).length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
