import { createSecretKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createClearKeeper } from './clear-media.ts';
import { keepWaveform, openClearWaveform } from './clear-waveform.ts';
import { parseEnvelope } from './envelope.ts';
import { failedCheckOf } from './failures.ts';
import { deriveMediaKeys } from './media-keys.ts';
import { recipientFromCertificate } from './recipient.ts';
import { rewrapMedia } from './rewrap.ts';
import { MAX_SEALED_WAVEFORM_SIZE, openWaveform, sealWaveform, waveformKey } from './sealed-waveform.ts';
import { SUITE_NAMES } from './suites.ts';
import {
  BOUND_TO,
  collect,
  createOwner,
  dekOf,
  inChunks,
  open,
  patterned,
  sealFor,
  tagged,
} from './test-media.ts';
import { decodeWaveform, encodeWaveform, type Waveform } from './waveform.ts';

const [owner, successor] = [await createOwner('owner'), await createOwner('successor')];
const waveform: Waveform = { durationMs: 61_234, channels: 2, peaks: patterned(600) };
const largest: Waveform = { durationMs: 2 ** 53 - 1, channels: 8, peaks: patterned(16_000) };
const plaintext = patterned(1000);

const flips = (bytes: Buffer): Buffer[] =>
  Array.from(bytes, (byte, at) => {
    const copy = Buffer.from(bytes);
    copy[at] = byte ^ (1 << (at % 8));
    return copy;
  });

function checkOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    expect(error).toMatchObject({ code: 'DECRYPTION_FAILED' });
    return failedCheckOf(error)?.check;
  }
  return 'none';
}

describe.each(SUITE_NAMES)('the waveform of %s media', (suite) => {
  const prepared = (async () => {
    const sealed = await sealFor([owner], inChunks(plaintext), { suite, waveform: () => waveform });
    const { waveform: kept = Buffer.alloc(0) } = sealed;
    return { sealed, kept, media: tagged(sealed), dek: await dekOf(sealed, owner) };
  })();

  test('opens with the session key, before and after re-wrapping, and changes nothing of the media', async () => {
    const { sealed, kept, media, dek } = await prepared;
    expect(openWaveform(media, kept, dek)).toEqual(waveform);
    const next = rewrapMedia(media, dek, [recipientFromCertificate(successor.certificate)]);
    expect(next).toMatchObject({ waveform: kept });
    expect(openWaveform(next, kept, await dekOf(next, successor))).toEqual(waveform);
    expect(await open(sealed, owner)).toEqual(plaintext);
  });

  test('fails with any byte of it changed, cut short or made longer', async () => {
    const { kept, media, dek } = await prepared;
    const others = [
      ...flips(kept),
      kept.subarray(0, -1),
      kept.subarray(1),
      Buffer.concat([kept, Buffer.of(0)]),
    ];
    for (const size of [0, 1, 13, 29, 30]) others.push(kept.subarray(0, size));
    others.push(Buffer.alloc(MAX_SEALED_WAVEFORM_SIZE + 1, 1));
    for (const other of others) expect(checkOf(() => openWaveform(media, other, dek))).toBe('waveform');
  });

  test('is that of no other recording, and of no other media file', async () => {
    const { kept, media, dek } = await prepared;
    const other = await sealFor([owner], inChunks(plaintext), { suite, waveform: () => waveform });
    const otherKept = other.waveform ?? Buffer.alloc(0);
    expect(checkOf(() => openWaveform(media, otherKept, dek))).toBe('waveform');
    expect(checkOf(() => openWaveform(media, kept, Buffer.alloc(32)))).toBe('envelope MAC');
    // Whoever has the session key, too, cannot pass it off as that of another: what it is bound to is in it.
    const { iv, cipher } = parseEnvelope(media.envelope);
    const key = waveformKey(deriveMediaKeys(dek, iv, cipher).contentKey, iv);
    for (const boundTo of [
      ['demo', 'call-2', 'main', 'audio/wav'],
      ['demo', 'call-1', 'mainaudio', '/wav'],
      [],
    ])
      expect(checkOf(() => openWaveform(media, sealWaveform(key, boundTo, waveform), dek))).toBe('waveform');
    expect(openWaveform(media, sealWaveform(key, BOUND_TO, largest), dek)).toEqual(largest);
    expect(sealWaveform(key, BOUND_TO, largest)).toHaveLength(MAX_SEALED_WAVEFORM_SIZE);
    // Nor two of them under one nonce.
    expect(sealWaveform(key, BOUND_TO, waveform)).not.toEqual(sealWaveform(key, BOUND_TO, waveform));
  });

  test('is there only when there is one', async () => {
    const sealed = await sealFor([owner], inChunks(plaintext), { suite, waveform: () => undefined });
    expect(sealed).not.toHaveProperty('waveform');
  });
});

test.each<[iv: string, key: string, sealed: string]>([
  [
    'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
    '214e8725f5cd9b429f4488aa72ed8fae74529e5ba184919b05e6cb3de7929dff',
    '01000102030405060708090a0b9ea2344fa55c6e83e44ef2bf84d68b6b4c3cb19365ec7292b45de39b',
  ],
  [
    'f0f1f2f3f4f5f6f7f8f9fafb',
    'aefeada6c29db3ec27ef8f9285c9aed18fe9946e03621ab5e95e8ec8ec3256ae',
    '01000102030405060708090a0be1364646af97d0f88faf17e4572a8a63528c72f2285eef333bbd4092',
  ],
])('the known answers of docs/envelope.md, IV %s', (iv, key, sealed) => {
  const dek = createSecretKey(Buffer.from(Uint8Array.from({ length: 32 }, (_, at) => at)));
  const made = waveformKey(dek, Buffer.from(iv, 'hex'));
  const short = { durationMs: 61_234, channels: 1, peaks: Buffer.of(0x00, 0x7f, 0xff) };
  const nonce = (size: number) => Buffer.from(Uint8Array.from({ length: size }, (_, at) => at));
  expect(made.export().toString('hex')).toBe(key);
  expect(sealWaveform(made, BOUND_TO, short, nonce).toString('hex')).toBe(sealed);
});

describe('the waveform of media in clear', () => {
  test('comes back, and with any byte of it changed does not', async () => {
    const keeper = createClearKeeper({ waveform: () => waveform });
    await collect(keeper.keep(inChunks(plaintext)));
    const { waveform: kept = Buffer.alloc(0) } = keeper.finish();
    expect(openClearWaveform(kept)).toEqual(waveform);
    for (const other of [...flips(kept), kept.subarray(0, -1), kept.subarray(0, 16), Buffer.alloc(0)])
      expect(checkOf(() => openClearWaveform(other))).toBe('waveform');
    expect(keepWaveform(largest).length).toBeLessThanOrEqual(MAX_SEALED_WAVEFORM_SIZE);
  });
});

test.each<[string, Waveform]>([
  ['no channel', { ...waveform, channels: 0 }],
  ['nine channels', { ...waveform, channels: 9, peaks: patterned(9) }],
  ['a channel that is shorter than the other', { ...waveform, peaks: patterned(3) }],
  ['too many pieces', { ...waveform, channels: 1, peaks: patterned(2001) }],
  ['nothing', { ...waveform, peaks: patterned(0) }],
  ['a length that is no number', { ...waveform, durationMs: 2 ** 53 }],
])('a waveform of %s is none', (_, wrong) => {
  expect(decodeWaveform(encodeWaveform(wrong))).toBeUndefined();
  expect(checkOf(() => openClearWaveform(keepWaveform(wrong)))).toBe('waveform');
});
