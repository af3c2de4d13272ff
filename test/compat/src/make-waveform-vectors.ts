import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClearKeeper } from '@sealtrack/envelope/clear-media';
import { decryptKeyHere } from '@sealtrack/envelope/decrypt-key';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { boundTo, type Manifest, serializeManifest, taggedMedia } from '@sealtrack/envelope/manifest';
import { recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { rewrapMedia } from '@sealtrack/envelope/rewrap';
import { createMediaSealer } from '@sealtrack/envelope/seal-media';
import { unwrapDek } from '@sealtrack/envelope/unwrap';
import { parseMediaId, parseProfileId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import { ownerOf, plaintextOf, VECTORS, WAVEFORM } from './vectors.ts';

/** How the recordings in test/vectors/envelope/waveform were made, once: as make-vectors.ts, it writes nothing that exists. */

const SIZE = 1000;
const [anna, bert] = ['anna', 'bert'].map(ownerOf).map(({ certificate, privateKey }) => ({
  certificate,
  privateKey,
  recipient: recipientFromCertificate(certificate),
})) as [Opener, Opener];

interface Opener extends Pick<ReturnType<typeof ownerOf>, 'certificate' | 'privateKey'> {
  readonly recipient: ReturnType<typeof recipientFromCertificate>;
}

async function* source() {
  yield plaintextOf(SIZE);
}

const recordingOf = (suite: string) =>
  ({
    format: 'sealtrack.recording.v1',
    tenantId: parseTenantId('test-tenant'),
    recordingId: parseRecordingId(`waveform-${suite}`),
    profileId: parseProfileId('101'),
    mediaType: 'voice',
    startedAt: '2026-03-01T12:00:00.000Z',
    capturedAt: '2026-03-01T12:04:59.000Z',
    encryptedAt: '2026-03-01T12:05:00.000Z',
    attributes: { agent: '4711', queue: 'Rückfragen' },
    fingerprint: createHash('sha256').update(`waveform-${suite}`).digest('hex'),
  }) as const;
const naming = { mediaId: parseMediaId('main'), contentType: 'audio/wav', ciphertext: 'main.enc' };
const waveform = () => WAVEFORM;

function write(suite: string, manifest: Manifest, bytes: Buffer): void {
  const folder = join(VECTORS, 'waveform', suite);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'recording.json'), serializeManifest(manifest), { flag: 'wx' });
  writeFileSync(join(folder, 'main.enc'), bytes, { flag: 'wx' });
}

for (const suite of ['pkcs7', 'cms'] as const) {
  const recording = recordingOf(suite);
  // That of `cms` was sealed for bert, and re-wrapped.
  const first = suite === 'pkcs7' ? anna : bert;
  const options = { suite, recipients: [first.recipient], boundTo: boundTo(recording, naming), waveform };
  const sealer = createMediaSealer(options);
  const bytes = Buffer.concat(await Array.fromAsync(sealer.seal(source())));
  const media = { ...sealer.finish(), ...naming, certificateIds: [first.certificate.certificateId] };
  const dek = await unwrapDek(parseEnvelope(media.envelope), first, decryptKeyHere);
  const { envelope, envelopeMac } =
    suite === 'pkcs7' ? media : rewrapMedia(taggedMedia(recording, media), dek, [anna.recipient]);
  const certificateIds = [anna.certificate.certificateId];
  write(suite, { ...recording, media: [{ ...media, envelope, envelopeMac, certificateIds }] }, bytes);
}

const keeper = createClearKeeper({ waveform });
const bytes = Buffer.concat(await Array.fromAsync(keeper.keep(source())));
const clear = { ...keeper.finish(), ...naming, certificateIds: [] };
const inClear = { policy: 'optional', reason: 'none-assigned' } as const;
write('clear', { ...recordingOf('clear'), inClear, media: [clear] }, bytes);
