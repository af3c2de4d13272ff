/** Session keys for whoever decrypts on his own side, through the crypto server's door. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import type { WrappedKey } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import type { RecordingHeader } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { parseManifest, sealedMedia, taggedMedia } from '@sealtrack/envelope/manifest';
import { openMedia } from '@sealtrack/envelope/open-media';
import { redisForTests } from '@sealtrack/launcher/testing/redis-for-tests';
import { compactDecrypt } from 'jose';
import { expect, test } from 'vitest';
import { watchEvents } from './testing/events.ts';
import { header, put, splice, stored } from './testing/media.ts';
import { createTenant } from './testing/tenant.ts';
import { systemForThisFile } from './testing/test-system.ts';
import { failureOf, until } from './testing/until.ts';

// A deletion elsewhere is noticed within a second.
const { system, doors, dir } = await systemForThisFile({
  'crypto-server': { SEALTRACK_KEY_CACHE_SECONDS: '1' },
});
const tenant = await createTenant(doors);
const reader = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicKey = reader.publicKey.export({ type: 'spki', format: 'der' });

/** What somebody who has the media store's files asks for. */
async function entryOf({ tenantId, recordingId, mediaId }: RecordingHeader) {
  const { manifest: bytes, pkcs7 } = await splice(doors, { tenantId, recordingId, mediaId });
  const manifest = parseManifest(bytes);
  const [media] = manifest.media.map(sealedMedia);
  if (media === undefined) throw new Error('A manifest without media');
  const envelope = Buffer.from(media.envelope);
  const { certificateIds } = media;
  const wrapped: WrappedKey = { recordingId, mediaId, envelope, certificateIds: [...certificateIds] };
  return { manifest, media, wrapped, pkcs7 };
}

const recordings = [header(), header(), header()];
for (const each of recordings) {
  await put(doors, each, Buffer.from(`the sound of ${each.recordingId}`));
  await stored(doors, each);
}
const entries = await Promise.all(recordings.map(entryOf));
const unwrap = (keys: WrappedKey[], options = {}) =>
  doors.decryption.unwrapKeys({ tenantId: 'demo', keys, publicKey, purpose: 'analytics' }, options);

test('jose opens the answer, its keys open the recordings, and one record names them', async () => {
  const watch = await watchEvents(doors, 'audit.demo.keys-unwrap');
  await using _ = watch;
  const { jwe, keys } = await unwrap(entries.map(({ wrapped }) => wrapped));
  expect(keys.map(({ size, certificateId }) => [size, certificateId])).toEqual(
    Array(3).fill([32, tenant.certificateId]),
  );
  const deks = Buffer.from((await compactDecrypt(jwe, reader.privateKey)).plaintext);
  for (const [i, { manifest, media, pkcs7 }] of entries.entries()) {
    const dek = deks.subarray(32 * i, 32 * (i + 1));
    // The ciphertext is what the PKCS#7 file ends with.
    const ciphertext = pkcs7.subarray(pkcs7.length - media.ciphertextSize);
    const read = async function* (at: number, length: number) {
      yield ciphertext.subarray(at, at + length);
    };
    const plaintext = Buffer.concat(
      await Array.fromAsync(openMedia(taggedMedia(manifest, media), dek, read)),
    );
    expect(plaintext.toString()).toBe(`the sound of ${recordings[i]?.recordingId}`);
  }
  const record = await watch.first(EVENT_KINDS.mediaKeysUnwrapped, () => true);
  expect(record).toMatchObject({ tenantId: 'demo', purpose: 'analytics', caller: expect.any(String) });
  expect(record.keys).toEqual(
    entries.map(({ wrapped }) => ({
      recordingId: wrapped.recordingId,
      mediaId: 'main',
      certificateId: tenant.certificateId,
      envelopeDigest: createHash('sha256').update(wrapped.envelope).digest('hex'),
      accessId: expect.any(String),
    })),
  );
});

test("another tenant's certificate opens nothing", async () => {
  const keys = entries.map(({ wrapped }) => wrapped);
  const asked = { tenantId: 'other', keys, publicKey, purpose: '' };
  const answer = await doors.decryption.unwrapKeys(asked);
  expect(answer).toMatchObject({ jwe: '', keys: Array(3).fill({ error: 'KEY_NOT_HELD', size: 0 }) });
});

test('a deadline is kept', async () => {
  const keys = Array(64).fill(entries[0]?.wrapped);
  const late = await failureOf(unwrap(keys, { deadlineMs: 1 }));
  expect(late).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
});

test('without the bus nothing can be put on record, and no session key leaves', async () => {
  const keys = entries.map(({ wrapped }) => wrapped);
  await system.nats.kill();
  try {
    expect(await failureOf(unwrap(keys))).toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  } finally {
    await system.nats.restart();
  }
  const { jwe } = await until('keys are unwrapped again', () => unwrap(keys).catch(() => undefined));
  expect(jwe).toMatch(/^eyJ/);
});

test('a key that is deleted elsewhere opens nothing once its time in memory is up', async () => {
  const keys = entries.map(({ wrapped }) => wrapped);
  expect((await unwrap(keys)).keys.map(({ error }) => error)).toEqual(['', '', '']);
  await using redis = await redisForTests(system, dir);
  await redis.client.del(`st:{demo}:key:${tenant.keyId}`);
  await until('the key has gone', async () => (await unwrap(keys)).jwe === '');
});
