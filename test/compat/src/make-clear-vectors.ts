import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClearKeeper } from '@sealtrack/envelope/clear-media';
import { serializeManifest } from '@sealtrack/envelope/manifest';
import { parseMediaId, parseProfileId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import { plaintextOf, VECTORS } from './vectors.ts';

/** How the recordings in test/vectors/envelope/clear were made, once: as make-vectors.ts, it writes nothing that exists. */

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

for (const [name, size] of [
  ['one-segment', 262_144],
  ['two-segments-and-more', 524_288 + 1234],
] as const) {
  const keeper = createClearKeeper();
  const source = (async function* () {
    yield plaintextOf(size);
  })();
  const bytes = Buffer.concat(await Array.fromAsync(keeper.keep(source)));
  const naming = { mediaId: parseMediaId('main'), contentType: 'audio/wav', ciphertext: 'main.enc' };
  const manifest = serializeManifest({
    format: 'sealtrack.recording.v1',
    tenantId: parseTenantId('test-tenant'),
    recordingId: parseRecordingId(`clear-${name}`),
    profileId: parseProfileId('101'),
    mediaType: 'voice',
    startedAt: '2026-03-01T12:00:00.000Z',
    encryptedAt: '2026-03-01T12:05:00.000Z',
    attributes: { agent: '4711', queue: 'Rückfragen' },
    fingerprint: sha256(Buffer.from(`clear-${name}`)),
    inClear: { policy: 'optional', reason: 'none-assigned' },
    media: [{ ...keeper.finish(), ...naming, certificateIds: [] }],
  });
  const folder = join(VECTORS, 'clear', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'recording.json'), manifest, { flag: 'wx' });
  writeFileSync(join(folder, 'main.enc'), bytes, { flag: 'wx' });
}
