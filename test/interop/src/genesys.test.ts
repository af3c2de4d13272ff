import { parseEnvelope, suiteOf } from '@sealtrack/envelope/envelope';
import { parseManifest, sealedMedia, serializeManifest } from '@sealtrack/envelope/manifest';
import { rewrapMedia } from '@sealtrack/envelope/rewrap';
import { tagMedia } from '@sealtrack/envelope/tag-media';
import { beforeAll, describe, expect, test } from 'vitest';
import { type GenesysRecording, genesysByHand, genesysCutApart } from './testing/genesys.ts';
import { manifestOf } from './testing/manifest.ts';
import { BOUND_TO, collect, dekOf, inChunks, openTagged, plaintextOf, SEGMENT } from './testing/media.ts';
import { openForeign, takeApart } from './testing/open-foreign.ts';
import { createOwners } from './testing/owners.ts';
import { createWorkbench } from './testing/workbench.ts';

const bench = await createWorkbench();
const [anna, bert] = await createOwners(bench, [2048, 2048]);
const plaintext = plaintextOf(2 * SEGMENT + 321);

describe.each([
  ['made with openssl enc and pkeyutl', genesysByHand],
  ['made with openssl cms, and cut apart', genesysCutApart],
])('a recording as Genesys has it, %s', (_, make) => {
  let recording: GenesysRecording;
  let envelope: Buffer;
  beforeAll(async () => {
    recording = await make(bench, plaintext, anna);
    ({ der: envelope } = parseEnvelope(recording.pem));
  });

  test('is what it should be', async () => {
    expect(recording.pem.startsWith('-----BEGIN PKCS7-----\n')).toBe(true);
    expect(suiteOf(parseEnvelope(envelope))).toBe('pkcs7');
    const files = ['-in', bench.write(recording.pem), '-content', bench.write(recording.ciphertext)];
    const decrypt = ['cms', '-decrypt', '-binary', '-inform', 'PEM', ...files, '-inkey', anna.keyFile];
    expect((await bench.openssl(...decrypt)).equals(plaintext)).toBe(true);
  });

  test('opens as it is', async () => {
    const opened = await openForeign(Buffer.from(recording.pem), anna, recording.ciphertext);
    expect(opened.equals(plaintext)).toBe(true);
  });

  test('is upgraded: with tags it opens in parts, is bound to its recording, and notices damage', async () => {
    const dek = await dekOf(envelope, anna);
    const tagged = await tagMedia(envelope, dek, inChunks(recording.ciphertext), BOUND_TO);
    expect(tagged.envelope.equals(envelope)).toBe(true);

    const { ciphertext } = recording;
    const written = serializeManifest(manifestOf({ suite: 'pkcs7', ...tagged, ciphertext }, [anna]));
    const [media] = parseManifest(written).media;
    if (media === undefined) throw new Error('the manifest is empty');
    const upgraded = { ...sealedMedia(media), boundTo: BOUND_TO };
    expect((await collect(openTagged(upgraded, dek, ciphertext))).equals(plaintext)).toBe(true);
    const range = { offset: SEGMENT + 5, length: 1000 };
    const part = await collect(openTagged(upgraded, dek, ciphertext, range));
    expect(part.equals(plaintext.subarray(SEGMENT + 5, SEGMENT + 1005))).toBe(true);

    const damaged = Buffer.from(ciphertext);
    damaged[SEGMENT + 7] = (damaged[SEGMENT + 7] ?? 0) ^ 1;
    const failure = { code: 'DECRYPTION_FAILED' };
    await expect(collect(openTagged(upgraded, dek, damaged, range))).rejects.toMatchObject(failure);
    const elsewhere = { ...upgraded, boundTo: BOUND_TO.with(1, 'another') };
    await expect(collect(openTagged(elsewhere, dek, ciphertext, range))).rejects.toMatchObject(failure);

    const rewrapped = rewrapMedia(upgraded, dek, [bert.recipient]);
    const opened = openTagged(rewrapped, await dekOf(rewrapped.envelope, bert), ciphertext);
    expect((await collect(opened)).equals(plaintext)).toBe(true);
  });

  test('without tags, only the padding is verified', async () => {
    const damaged = Buffer.from(recording.ciphertext);
    damaged[100] = (damaged[100] ?? 0) ^ 1;
    const opened = await openForeign(Buffer.from(recording.pem), anna, damaged);
    expect(opened.length).toBe(plaintext.length);
    expect(opened.equals(plaintext)).toBe(false);
    const cut = openForeign(Buffer.from(recording.pem), anna, recording.ciphertext.subarray(0, -1));
    await expect(cut).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
  });
});

test('taking an attached file apart gives the envelope that OpenSSL would have written without content', async () => {
  const { attached, pem, ciphertext } = await genesysCutApart(bench, plaintext, anna);
  const apart = await takeApart(attached);
  expect(apart.envelope.equals(parseEnvelope(pem).der)).toBe(true);
  expect(apart.ciphertext?.equals(ciphertext)).toBe(true);
});
