import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cli } from '@sealtrack/cli/testing/run-cli';
import { openClearWaveform } from '@sealtrack/envelope/clear-waveform';
import { decryptKeyHere } from '@sealtrack/envelope/decrypt-key';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import {
  isClear,
  parseManifest,
  sealedMedia,
  serializeManifest,
  taggedMedia,
} from '@sealtrack/envelope/manifest';
import { isManifestAsWritten } from '@sealtrack/envelope/manifest-checksum';
import { openWaveform } from '@sealtrack/envelope/sealed-waveform';
import { unwrapDek } from '@sealtrack/envelope/unwrap';
import { expect, test } from 'vitest';
import { ownerOf, plaintextOf, VECTORS, WAVEFORM } from './vectors.ts';

const anna = ownerOf('anna');

function frozen(name: string) {
  const manifestFile = join(VECTORS, 'waveform', name, 'recording.json');
  const json = readFileSync(manifestFile);
  const manifest = parseManifest(json);
  const [media] = manifest.media;
  if (media?.waveform === undefined) throw new Error('no waveform');
  return { manifestFile, json, manifest, media, kept: media.waveform };
}

/** As docs/envelope.md has it (14), with nothing of the code: duration, channels and peaks. */
function read(bytes: Buffer) {
  return {
    durationMs: Number(bytes.readBigUInt64BE(0)),
    channels: bytes.readUInt8(8),
    peaks: Uint8Array.from(bytes.subarray(9)),
  };
}

test.each(['pkcs7', 'cms'])(
  'the waveform of %s opens, and so it does by what the page says',
  async (name) => {
    const { manifest, media, kept } = frozen(name);
    const sealed = sealedMedia(media);
    const envelope = parseEnvelope(sealed.envelope);
    const dek = await unwrapDek(envelope, anna, decryptKeyHere);
    const waveform = openWaveform(taggedMedia(manifest, sealed), kept, dek);
    expect({ ...waveform, peaks: Uint8Array.from(waveform.peaks) }).toEqual(WAVEFORM);

    const key = Buffer.from(hkdfSync('sha256', dek, envelope.iv, 'sealtrack/v1 waveform', 32));
    const aad = [Buffer.of(1)];
    for (const field of [manifest.tenantId, manifest.recordingId, media.mediaId, media.contentType])
      aad.push(Buffer.alloc(7), Buffer.of(Buffer.byteLength(field)), Buffer.from(field));
    const decipher = createDecipheriv('aes-256-gcm', key, kept.subarray(1, 13), { authTagLength: 16 });
    decipher.setAAD(Buffer.concat(aad)).setAuthTag(kept.subarray(-16));
    expect(read(Buffer.concat([decipher.update(kept.subarray(13, -16)), decipher.final()]))).toEqual(
      WAVEFORM,
    );
  },
);

test('that of clear media is read, and its checksum is right', () => {
  const { kept } = frozen('clear');
  const waveform = openClearWaveform(kept);
  expect({ ...waveform, peaks: Uint8Array.from(waveform.peaks) }).toEqual(WAVEFORM);
  expect(read(kept.subarray(1, -16))).toEqual(WAVEFORM);
  const mac = createCipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12), { authTagLength: 16 });
  mac.setAAD(kept.subarray(0, -16)).final();
  expect(kept.subarray(-16)).toEqual(mac.getAuthTag());
});

test.each(['pkcs7', 'cms', 'clear'])(
  '%s: the manifest is what it was, and its recording opens',
  async (name) => {
    const { manifestFile, json, manifest, media } = frozen(name);
    expect(manifest.capturedAt).toBe('2026-03-01T12:04:59.000Z');
    expect(serializeManifest(manifest).equals(json)).toBe(true);
    expect(isManifestAsWritten(json)).toBe(true);
    const identity = isClear(media) ? [] : ['--key', anna.keyFile, '--cert', anna.certificateFile];
    const opened = await cli(['envelope', 'open', manifestFile, ...identity, '--out', '-']);
    expect(opened.stdout.equals(plaintextOf(1000))).toBe(true);
  },
);
