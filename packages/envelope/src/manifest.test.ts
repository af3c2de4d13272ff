import { AppError } from '@sealtrack/errors/app-error';
import { MAIN_MEDIA, type ProfileId, type RecordingId, type TenantId } from '@sealtrack/ids/ids';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createClearKeeper } from './clear-media.ts';
import { isClear, type Manifest, parseManifest, sealedMedia, serializeManifest } from './manifest.ts';
import { isManifestAsWritten } from './manifest-checksum.ts';
import { collect, createOwner, inChunks, patterned, sealFor } from './test-media.ts';

const owner = await createOwner('owner');
const { ciphertext: _, ...sealed } = await sealFor([owner], inChunks(patterned(300_000)));
const manifest: Manifest = {
  format: 'sealtrack.recording.v1',
  tenantId: 'demo' as TenantId,
  recordingId: 'call-1' as RecordingId,
  profileId: '101' as ProfileId,
  startedAt: '2026-01-02T03:04:05.678Z',
  encryptedAt: '2026-01-02T03:05:05.000Z',
  attributes: { ani: '+41 44 000 00 00', note: 'Zürich "quoted"\n' },
  fingerprint: 'ab'.repeat(32),
  media: [
    {
      mediaId: MAIN_MEDIA,
      contentType: 'audio/wav',
      ciphertext: 'main.0192.p7c',
      certificateIds: [owner.certificate.certificateId],
      ...sealed,
    },
  ],
};
const written = serializeManifest(manifest);

// biome-ignore lint/suspicious/noExplicitAny: the tests bend single fields of JSON
const bent = (bend: (json: any) => void): Buffer => {
  const json: unknown = JSON.parse(written.toString());
  bend(json);
  return Buffer.from(JSON.stringify(json));
};

function messageOf(bytes: Buffer): string {
  try {
    parseManifest(bytes);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.code).toBe('MANIFEST_INVALID');
    return error.message;
  }
}

describe('a manifest', () => {
  test('comes back as it was written', () => {
    expect(parseManifest(written)).toEqual(manifest);
  });

  test('is readable JSON with the envelope as PEM', () => {
    const json = JSON.parse(written.toString());
    expect(json).toMatchObject({ format: 'sealtrack.recording.v1', recordingId: 'call-1' });
    expect(json.media[0]).toMatchObject({ suite: 'pkcs7', segmentSize: 262144, plaintextSize: 300_000 });
    expect(json.media[0].pkcs7).toMatch(/^-----BEGIN PKCS7-----\n/);
    expect(Buffer.from(json.media[0].tags, 'base64')).toHaveLength(32);
  });

  test('of a newer version, with fields that are not known here, is still read', () => {
    const newer = bent((json) => {
      json.retention = { until: '2030-01-01' };
      json.media[0].transcript = 'x';
    });
    expect(parseManifest(newer)).toEqual(manifest);
  });

  test.each([
    // biome-ignore-start lint/suspicious/noExplicitAny: see above
    ['no recipient', (json: any) => (json.media[0].certificateIds = []), 'media.0.certificateIds'],
    ['another format', (json: any) => (json.format = 'sealtrack.recording.v2'), 'format'],
    [
      'a path as ciphertext',
      (json: any) => (json.media[0].ciphertext = '../other/main'),
      'media.0.ciphertext',
    ],
    ['a hidden file as ciphertext', (json: any) => (json.media[0].ciphertext = '.x'), 'media.0.ciphertext'],
    ['sizes that do not fit', (json: any) => (json.media[0].plaintextSize += 16), 'media.0.ciphertextSize'],
    ['a fraction as size', (json: any) => (json.media[0].plaintextSize = 1.5), 'media.0.plaintextSize'],
    ['a tag too few', (json: any) => (json.media[0].tags = 'AAAA'), 'media.tags'],
    ['another segment size', (json: any) => (json.media[0].segmentSize = 1024), 'media.0.segmentSize'],
    ['a suite that is not known', (json: any) => (json.media[0].suite = 'rot13'), 'media.0.suite'],
    ['no media', (json: any) => (json.media = []), 'media'],
    ['an envelope MAC cut short', (json: any) => (json.media[0].envelopeMac = 'ab'), 'media.0.envelopeMac'],
    ['no envelope', (json: any) => (json.media[0].pkcs7 = ''), 'media.pkcs7'],
    ['a tenant that is a path', (json: any) => (json.tenantId = '../x'), 'tenantId'],
    ['a date that is none', (json: any) => (json.startedAt = 'yesterday'), 'startedAt'],
    ['half a character', (json: any) => (json.media[0].contentType = 'audio/\ud800'), 'media.0.contentType'],
    [
      'a hundred thousand more values',
      (json: any) => (json.more = Array.from({ length: 100_000 }, () => [])),
      'more values',
    ],
    // biome-ignore-end lint/suspicious/noExplicitAny: see above
  ])('with %s is refused, by name', (_name, bend, field) => {
    expect(messageOf(bent(bend))).toContain(field);
  });

  test('that is damaged is refused', () => {
    expect(messageOf(Buffer.from('null'))).toContain('not usable');
    expect(messageOf(Buffer.of(0xff, 0xfe))).toContain('not JSON');
    fc.assert(
      fc.property(fc.nat(written.length - 2), (size) => {
        expect(messageOf(written.subarray(0, size))).toContain('not');
      }),
      { numRuns: 50 },
    );
  });

  test('that could not be read back is not written', () => {
    expect(() => serializeManifest({ ...manifest, fingerprint: 'x' })).toThrow(/fingerprint/);
    const media = manifest.media.map((each) => ({ ...each, tags: Buffer.alloc(16) }));
    expect(() => serializeManifest({ ...manifest, media })).toThrow(/tags/);
  });
});

describe('a manifest of media in clear', async () => {
  const keeper = createClearKeeper();
  await collect(keeper.keep(inChunks(patterned(300_000))));
  const clear: Manifest = {
    ...manifest,
    mediaType: 'screen',
    inClear: { policy: 'optional', reason: 'none-assigned' },
    media: [
      {
        mediaId: MAIN_MEDIA,
        contentType: 'video/mp4',
        ciphertext: 'main.enc',
        certificateIds: [],
        ...keeper.finish(),
      },
    ],
  };
  const json = serializeManifest(clear);
  // biome-ignore lint/suspicious/noExplicitAny: the tests bend single fields of JSON
  const bentClear = (bend: (json: any) => void): Buffer => {
    const value: unknown = JSON.parse(json.toString());
    bend(value);
    return Buffer.from(JSON.stringify(value));
  };

  test('comes back as it was written, and no envelope comes of it', () => {
    const read = parseManifest(json);
    expect(read).toEqual(clear);
    const [media] = read.media;
    if (media === undefined) throw new Error('no media');
    expect(isClear(media)).toBe(true);
    expect(() => sealedMedia(media)).toThrow(expect.objectContaining({ code: 'MEDIA_NOT_ENCRYPTED' }));
  });

  test.each([
    // biome-ignore-start lint/suspicious/noExplicitAny: see above
    ['an envelope', (json: any) => (json.media[0].pkcs7 = '-----BEGIN PKCS7-----'), 'media.0.pkcs7'],
    ['an envelope MAC', (json: any) => (json.media[0].envelopeMac = 'ab'.repeat(32)), 'media.0.envelopeMac'],
    ['a salt', (json: any) => (json.media[0].tagSalt = 'ab'.repeat(16)), 'media.0.tagSalt'],
    ['a recipient', (json: any) => (json.media[0].certificateIds = ['ab'.repeat(32)]), 'certificateIds'],
    ['two sizes', (json: any) => (json.media[0].plaintextSize -= 1), 'media.0.ciphertextSize'],
    ['a tag too few', (json: any) => (json.media[0].tags = 'AAAA'), 'media.tags'],
    ['nothing that says why', (json: any) => delete json.inClear, 'inClear'],
    ['a policy that has it encrypted', (json: any) => (json.inClear.policy = 'required'), 'inClear.policy'],
    ['a quarantine', (json: any) => (json.quarantine = QUARANTINE), 'quarantine'],
    // biome-ignore-end lint/suspicious/noExplicitAny: see above
  ])('with %s is refused, by name', (_name, bend, field) => {
    expect(messageOf(bentClear(bend))).toContain(field);
  });

  test('has no encrypted media beside it, and encrypted media have no word that they are clear', () => {
    const mixed = { ...clear, media: [...clear.media, { ...manifest.media[0], mediaId: 'other' }] };
    expect(() => serializeManifest(mixed as Manifest)).toThrow(/inClear/);
    expect(messageOf(bent((json) => (json.inClear = clear.inClear)))).toContain('inClear');
  });
});

const QUARANTINE = { reason: 'none-assigned', since: '2026-01-02T03:05:00.000Z' };

describe('a manifest of a recording in quarantine', () => {
  test('says why, and of what the recording is, and when it was sealed to others', () => {
    const held: Manifest = { ...manifest, mediaType: 'voice', quarantine: QUARANTINE };
    expect(parseManifest(serializeManifest(held))).toEqual(held);
    const released: Manifest = { ...manifest, rewrappedAt: '2026-01-03T00:00:00.000Z' };
    expect(parseManifest(serializeManifest(released))).toEqual(released);
  });

  test.each([
    ['a reason that is none', { quarantine: { ...QUARANTINE, reason: 'None assigned' } }, 'reason'],
    ['a reason without an end', { quarantine: { ...QUARANTINE, reason: 'a'.repeat(65) } }, 'reason'],
    ['no date', { quarantine: { reason: 'expired' } }, 'since'],
    ['a media type that is none', { mediaType: 'fax' }, 'mediaType'],
    ['a date that is none', { rewrappedAt: 'yesterday' }, 'rewrappedAt'],
  ])('with %s is refused, by name', (_name, fields, field) => {
    expect(messageOf(bent((json) => Object.assign(json, fields)))).toContain(field);
  });
});

describe('a manifest with waveforms', () => {
  const drawn: Manifest = {
    ...manifest,
    capturedAt: '2026-01-02T03:05:04.000Z',
    media: manifest.media.map((each) => ({ ...each, waveform: patterned(2_045) })) as Manifest['media'],
  };
  const text = serializeManifest(drawn).toString();
  const kept = patterned(2_045).toString('base64');
  const having = (other: string) => Buffer.from(text.replace(kept, other));

  test('comes back as it was written, and any bit of them shows in its checksum', () => {
    expect(parseManifest(Buffer.from(text))).toEqual(drawn);
    expect(isManifestAsWritten(Buffer.from(text))).toBe(true);
    expect(isManifestAsWritten(having(kept.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))))).toBe(false);
  });

  test('is read when one of them is nothing that opens: the recording is not lost with it', () => {
    expect(parseManifest(having('???')).media[0]?.waveform).toHaveLength(0);
    expect(parseManifest(having('AQID')).media[0]?.waveform).toEqual(Buffer.of(1, 2, 3));
  });

  test('is refused by name when one of them is larger than any', () => {
    const most = 'A'.repeat(21_384);
    expect(parseManifest(having(most)).media[0]?.waveform).toHaveLength(16_038);
    expect(messageOf(having(`${most}A`))).toContain('media.0.waveform');
    expect(messageOf(Buffer.from(text.replace('03:05:04.000Z', 'later')))).toContain('capturedAt');
  });
});

describe('tags that are long', () => {
  const count = 3_001;
  const [media] = manifest.media;
  if (media === undefined || isClear(media)) throw new Error('there is one, sealed');
  const ciphertextSize = count * 262_144;
  const of = (mediaId: string, byte: number) => ({
    ...media,
    ...{ mediaId: mediaId as typeof media.mediaId, plaintextSize: ciphertextSize - 1, ciphertextSize },
    tags: Buffer.from(Uint8Array.from({ length: count * 16 }, (_, i) => (i * byte) % 253)),
  });
  const long: Manifest = { ...manifest, media: [of('main', 7), media, of('screen', 11)] };
  const text = serializeManifest(long).toString();
  const tags = of('main', 7).tags.toString('base64');

  test.each([
    ['as they are written', text],
    ['on one line', JSON.stringify(JSON.parse(text))],
    ['with spaces', text.replaceAll('"tags":', '"tags" \t\r\n:\n ')],
    ['escaped', text.replaceAll('/', '\\/')],
    ['not padded', text.replace(/=+"/g, '"')],
    [
      'beside others that nobody knows',
      text.replace('{', `{"tags": "${tags}", "more": {"tags": "${tags}"},`),
    ],
    [
      'beside a text that is cut off by a quote',
      text.replace('{', `{"other": "\\"tags", "m\\"tags": "${tags}",`),
    ],
  ])('are read %s', (_, json) => {
    expect(parseManifest(Buffer.from(json))).toEqual(long);
  });

  test.each([
    ['one short', text.replace(tags, tags.slice(0, -4)), 'media.tags'],
    ['of nothing', text.replace(tags, ''), 'media.tags'],
    ['of an attribute', text.replace('"ani":', `"tags": "${tags}", "ani":`), 'attributes'],
    ['with a line break in it', text.replace(tags, `${tags.slice(0, 8)}\n${tags.slice(8)}`), 'not JSON'],
    ['without an end', text.slice(0, text.indexOf(tags) + 20_000), 'not JSON'],
  ])('are not read when they are %s', (_, json, why) => {
    expect(messageOf(Buffer.from(json))).toContain(why);
  });
});
