import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { connectBus } from '@sealtrack/bus/connect';
import { ensureStreams } from '@sealtrack/bus/streams';
import { tailEvents } from '@sealtrack/bus/tail';
import type { DecryptMediaResponse } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { createClearKeeper } from '@sealtrack/envelope/clear-media';
import { serializeManifest } from '@sealtrack/envelope/manifest';
import { parseMediaId, parseProfileId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import { openFsStore } from '@sealtrack/media-store/fs-store';
import { once } from '@sealtrack/media-store/read-all';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import { createBusAuditTrail } from './adapters/bus-audit-trail.ts';
import { createStoredCiphertexts } from './adapters/stored-ciphertexts.ts';
import { createDecryptMedia } from './decrypt-media.ts';
import { createExportPkcs7 } from './export-pkcs7.ts';
import { createFindMedia } from './find-media.ts';
import { auditWriterOn } from './testing/audit-writer.ts';

const nats = await testNats();
const folder = await temporaryFolder();
const bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' });
afterAll(async () => {
  await bus[Symbol.asyncDispose]();
  await folder.remove();
});
await ensureStreams(bus);
const files = await openFsStore(folder.path);
const store = createStoredCiphertexts(files);
const audit = createBusAuditTrail(auditWriterOn(bus));
const caller = { signal: new AbortController().signal, peer: 'test', names: [], traceparent: '' };
const plain = Buffer.from(Uint8Array.from({ length: 600_000 }, (_, i) => i % 251));
const tenantId = parseTenantId('demo');

let count = 0;
/** A recording in the store in clear, and what an index says that its media are. */
async function kept(indexedSuite: string | undefined) {
  const recordingId = parseRecordingId(`call-${++count}`);
  const keeper = createClearKeeper();
  await files.create(`${recordingId}/main.enc`, keeper.keep(once(plain)));
  const media = { mediaId: parseMediaId('main'), contentType: 'video/mp4', ciphertext: 'main.enc' };
  const manifest = serializeManifest({
    ...{ format: 'sealtrack.recording.v1', tenantId, recordingId, profileId: parseProfileId('101') },
    ...{ startedAt: '2026-03-01T12:00:00Z', encryptedAt: '2026-03-01T12:01:00Z', attributes: {} },
    ...{ fingerprint: '0'.repeat(64), inClear: { policy: 'off', reason: 'policy-off' } },
    media: [{ ...media, ...keeper.finish(), certificateIds: [] }],
  });
  const manifestKey = `${recordingId}/recording.json`;
  await files.create(manifestKey, once(manifest));
  const suites = new Map(indexedSuite === undefined ? [] : [['main', indexedSuite]]);
  const findMedia = createFindMedia({ find: async () => ({ manifestKey, suites }) }, store);
  const unwrap = () => Promise.reject(new Error('no key is needed'));
  const decrypt = createDecryptMedia({ findMedia, unwrap, audit, store, log: noteLines().log });
  const ids = { tenantId, recordingId, mediaId: 'main' };
  return {
    recordingId,
    path: `${folder.path}/${recordingId}/main.enc`,
    play: (range?: { offset: bigint; length: bigint }) =>
      decrypt({ ...ids, purpose: 'a test', ticket: '', clientAddress: '', range }, caller),
    exported: () => createExportPkcs7(findMedia, audit, store)({ ...ids, purpose: '' }, caller),
  };
}

async function bytesOf(stream: AsyncIterable<DecryptMediaResponse>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const { part } of stream) if (part?.$case === 'chunk') parts.push(part.value);
  return Buffer.concat(parts);
}

/** What is on record of a recording, by subject. */
async function recordsOf(recordingId: string, wanted: number) {
  const stop = new AbortController();
  const records: unknown[] = [];
  for await (const { subject, body } of tailEvents(bus, {
    ...{ subject: 'audit.demo.>', from: 'start', signal: stop.signal },
  })) {
    const record = JSON.parse(body) as { recordingId?: string };
    if (record.recordingId === recordingId) records.push([subject.split('.').at(-1), record]);
    if (records.length === wanted) stop.abort();
  }
  return records;
}

test('media that the index knows as clear is played, whole and in part, and is on record without a key', async () => {
  const { play, recordingId } = await kept('clear');
  const [first] = await Array.fromAsync(play());
  expect(first?.part).toMatchObject({ $case: 'header', value: { contentType: 'video/mp4', size: 600_000n } });
  expect((await bytesOf(play())).equals(plain)).toBe(true);
  const part = await bytesOf(play({ offset: 262_140n, length: 10n }));
  expect(part.equals(plain.subarray(262_140, 262_150))).toBe(true);
  const access = { tenantId: 'demo', recordingId, caller: 'test', purpose: 'a test' };
  expect((await recordsOf(recordingId, 3)).at(-1)).toEqual([
    'media-decrypt',
    { ...access, mediaId: 'main', offset: '262140', length: '10' },
  ]);
});

test.each(['pkcs7', 'cms', '', undefined])(
  'a manifest that says clear, of media that the index has as %s, plays nothing and exports nothing',
  async (suite) => {
    const { play, exported } = await kept(suite);
    const refused = { code: 'MANIFEST_INVALID', message: expect.stringContaining('the index') };
    await expect(Array.fromAsync(play())).rejects.toMatchObject(refused);
    await expect(Array.fromAsync(exported())).rejects.toMatchObject(refused);
  },
);

test('there is no PKCS#7 file of it, and none is on record', async () => {
  const { exported, play, recordingId } = await kept('clear');
  await expect(Array.fromAsync(exported())).rejects.toMatchObject({ code: 'MEDIA_NOT_ENCRYPTED' });
  await bytesOf(play());
  expect(await recordsOf(recordingId, 1)).toMatchObject([['media-decrypt', {}]]);
});

test('rot is found before a byte of its segment leaves, and stands on record', async () => {
  const { play, path, recordingId } = await kept('clear');
  const bytes = await readFile(path);
  bytes[300_000] = (bytes[300_000] ?? 0) ^ 1;
  await writeFile(path, bytes);
  const parts: Buffer[] = [];
  const playing = async () => {
    for await (const { part } of play()) if (part?.$case === 'chunk') parts.push(part.value);
  };
  await expect(playing()).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
  expect(Buffer.concat(parts).equals(plain.subarray(0, 262_144))).toBe(true);
  expect((await recordsOf(recordingId, 2)).at(-1)).toMatchObject([
    'media-decrypt-failed',
    { failedCheck: 'segment tag', segment: '1' },
  ]);
});

test.each([
  ['cut short', (path: string) => truncate(path, 262_144)],
  ['made longer', (path: string) => appendFile(path, Buffer.alloc(1))],
])('a file that was %s gives not even its header', async (_, change) => {
  const { play, path } = await kept('clear');
  await change(path);
  const parts: unknown[] = [];
  const playing = async () => {
    for await (const part of play({ offset: 0n, length: 5n })) parts.push(part);
  };
  await expect(playing()).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
  expect(parts).toEqual([]);
});

test('what cannot be put on record is not played', async () => {
  const { play } = await kept('clear');
  await nats.kill();
  const parts: unknown[] = [];
  const playing = async () => {
    for await (const part of play()) parts.push(part);
  };
  await expect(playing()).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  expect(parts).toEqual([]);
});
