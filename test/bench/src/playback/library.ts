import { randomUUID } from 'node:crypto';
import { createSelfSigned, type SelfSigned } from '@sealtrack/certificates/self-signed';
import { putRecording } from '@sealtrack/cli/recordings/put-recording';
import { watchStored } from '@sealtrack/cli/recordings/wait-until-stored';
import type { Doors } from '@sealtrack/launcher/demo/doors';
import { waitUntilApplied } from '@sealtrack/launcher/demo/wait-until-applied';

export const TENANT = 'bench';
const PROFILE = '101';
const CHUNK_BYTES = 256 * 1024;
const STORED_WITHIN_MS = 60_000;

/** One recording of the library. */
export interface Recorded {
  readonly tenantId: string;
  readonly recordingId: string;
  readonly bytes: number;
}

/** A tenant with one certificate, whose key the crypto server holds; resolves with both. */
export async function makeTenant(doors: Doors): Promise<SelfSigned> {
  const { certificates, profiles } = doors;
  const made = await createSelfSigned({ commonName: 'Bench' });
  const { certificate } = await certificates.importCertificate({
    tenantId: TENANT,
    certificate: Buffer.from(made.certificatePem),
    privateKey: made.privateKeyPem,
  });
  const certificateIds = [certificate?.certificateId ?? ''];
  await profiles.createProfile({ tenantId: TENANT, profileId: PROFILE, name: 'Bench' });
  await profiles.assignCertificates({ tenantId: TENANT, profileId: PROFILE, certificateIds });
  await waitUntilApplied(doors, TENANT, PROFILE);
  return made;
}

/** Puts a recording of so many bytes in, and waits until it can be played. */
export async function record(doors: Doors, bytes: number): Promise<Recorded> {
  const recordingId = randomUUID();
  const { signal } = new AbortController();
  const watch = await watchStored(doors.bus, { tenantId: TENANT, recordingId }, undefined, signal);
  const header = {
    ...{ tenantId: TENANT, profileId: PROFILE, recordingId, mediaId: 'main' },
    ...{ contentType: 'audio/wav', mediaType: '', startedAt: new Date(), attributes: {} },
  };
  await putRecording(doors.ingest, header, content(bytes), signal);
  await watch.stored(STORED_WITHIN_MS);
  return { tenantId: TENANT, recordingId, bytes };
}

async function* content(bytes: number): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(CHUNK_BYTES, 7);
  for (let left = bytes; left > 0; left -= chunk.length) yield chunk.subarray(0, left);
}
