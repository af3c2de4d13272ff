import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  aLaw,
  chunk,
  ENCODINGS,
  formatOf,
  muLaw,
  noise,
  type TestEncoding,
  type WavOptions,
  waveformOf,
  wavOf,
} from '../../testing/wav.ts';
import { createPeakMeter } from './peak-meter.ts';

/** Of a file that comes in parts of so many bytes. */
function measured(file: Uint8Array, size = file.length) {
  const meter = createPeakMeter();
  for (let at = 0; at < file.length; at += size) meter.add(file.subarray(at, at + size));
  return meter.waveform();
}

describe.each(ENCODINGS)('%s', (encoding) => {
  test.each([1, 2, 3, 8])('of %d channels is drawn as it is', (channels) => {
    // Long enough for pieces to be joined, and with a last one that is not full.
    const sound = noise(34_007, { encoding, channels });
    const drawn = measured(wavOf(sound, { encoding, channels, sampleRate: 44_100 }), 65_536);
    const right = waveformOf(sound, { encoding, channels, sampleRate: 44_100 });
    expect(right.peaks).toHaveLength(1063 * channels);
    expect(new Set(right.peaks).size).toBeGreaterThan(40);
    expect(drawn).toEqual(right);
  });

  test('is drawn the same however it is cut', () => {
    for (const channels of [1, 2, 3]) {
      const options = { encoding, channels, before: ['LIST'], behind: ['LIST'] };
      const sound = noise(1003, options);
      const file = wavOf(sound, options);
      const right = waveformOf(sound, options);
      for (const size of [1, 2, 3, 5, 7, 11, 13, 31, 64, 255, 1000])
        expect(measured(file, size)).toEqual(right);
      for (let at = 1; at < 150; at += 1) {
        const meter = createPeakMeter();
        for (const part of [file.subarray(0, at), file.subarray(at, 2 * at), file.subarray(2 * at)])
          meter.add(part);
        expect(meter.waveform()).toEqual(right);
      }
    }
  });
});

describe('full scale and silence', () => {
  test.each<[TestEncoding, string, number]>([
    ['pcm8', '80', 0],
    ['pcm8', '00', 255],
    ['pcm8', 'ff', 254],
    ['pcm16', '7f00', 0],
    ['pcm16', '8000', 1],
    ['pcm16', '80ff', 1],
    ['pcm16', '81ff', 0],
    ['pcm16', '0080', 255],
    ['pcm16', 'ff7f', 255],
    ['pcm24', '000080', 255],
    ['pcm24', 'ff7f00', 0],
    ['pcm24', '0080ff', 1],
    ['pcm32', '00000080', 255],
    ['pcm32', 'ffff7f00', 0],
    ['float32', '0000803f', 255],
    ['float32', '0000003f', 128],
    ['float32', '0000807f', 255], // infinite
    ['float32', '0000c07f', 0], // not a number
    // ITU-T G.711: the largest are 32,124 and 32,256 of 32,768.
    ['mu-law', '00', 250],
    ['mu-law', '80', 250],
    ['mu-law', 'ff', 0],
    ['mu-law', '7f', 0],
    ['a-law', 'aa', 252],
    ['a-law', '2a', 252],
    ['a-law', 'd5', 0],
    ['a-law', '55', 0],
  ])('%s %s is %d', (encoding, hex, peak) => {
    for (const times of [1, 1000]) {
      const sound = Buffer.concat(Array.from({ length: times }, () => Buffer.from(hex, 'hex')));
      expect(new Set(measured(wavOf(sound, { encoding }))?.peaks)).toEqual(new Set([peak]));
    }
  });

  test('the decoders that this is compared with give what the recommendation says', () => {
    expect([0x00, 0x80, 0xff, 0x7f, 0xfe].map(muLaw).map(Math.abs)).toEqual([32_124, 32_124, 0, 0, 8]);
    expect([0xaa, 0x2a, 0xd5, 0x55, 0x80].map(aLaw)).toEqual([32_256, -32_256, 8, -8, 5504]);
  });
});

describe('of any length', () => {
  test.each([1, 15, 16, 17, 31_984, 31_999, 32_000, 32_001, 63_999, 64_000])(
    '%d frames are at most 2,000 pieces, each frame in its own',
    (frames) => {
      const sound = noise(frames, { encoding: 'pcm16', channels: 2 });
      const drawn = measured(wavOf(sound, { encoding: 'pcm16', channels: 2 }), 4096);
      expect(drawn).toEqual(waveformOf(sound, { encoding: 'pcm16', channels: 2 }));
      expect(drawn?.peaks.length).toBeLessThanOrEqual(4000);
    },
  );

  test('ten hours of a telephone call have one loud moment, where it was', () => {
    const file = wavOf(Buffer.alloc(0), { encoding: 'mu-law', dataSize: 0xffff_ffff });
    const meter = createPeakMeter();
    meter.add(file);
    const silence = Buffer.alloc(1_000_000, 0xff);
    for (let part = 0; part < 288; part += 1) {
      if (part === 100) silence[7] = 0x00;
      meter.add(silence);
      silence[7] = 0xff;
    }
    const { durationMs, peaks } = meter.waveform() ?? { durationMs: 0, peaks: Buffer.alloc(0) };
    expect(durationMs).toBe(36_000_000);
    const length = 16 * 2 ** 14;
    expect(peaks).toHaveLength(Math.ceil(288_000_000 / length));
    expect([...peaks].flatMap((peak, at) => (peak > 0 ? [[at, peak]] : []))).toEqual([
      [Math.floor(100_000_007 / length), 250],
    ]);
  });
});

describe('a WAV file', () => {
  const options: WavOptions = { encoding: 'pcm16', channels: 2 };
  const sound = noise(500, options);
  const right = waveformOf(sound, options);
  const withFormat = (format: Buffer) =>
    chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), chunk('fmt ', format), chunk('data', sound)]));
  const bent = (bend: (format: Buffer) => void, isExtensible = false) => {
    const format = formatOf({ ...options, isExtensible });
    bend(format);
    return withFormat(format);
  };

  test.each<[string, Buffer]>([
    ['with other chunks around it', wavOf(sound, { ...options, before: ['LIST', 'fact'], behind: ['cue '] })],
    ['of the extensible kind', wavOf(sound, { ...options, isExtensible: true })],
    ['with a longer format', withFormat(Buffer.concat([formatOf(options), Buffer.alloc(31)]))],
    ['whose size ffmpeg did not know', wavOf(sound, { ...options, dataSize: 0xffff_ffff })],
    ['whose size GStreamer did not know', wavOf(sound, { ...options, dataSize: 0 })],
    ['whose size SoX did not know', wavOf(sound, { ...options, dataSize: 0x7fff_f000 })],
    ['that ends within a frame', wavOf(Buffer.concat([sound, Buffer.of(1)]), options)],
  ])('%s is drawn', (_, file) => {
    for (const size of [1, 7, file.length]) expect(measured(file, size)).toEqual(right);
  });

  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['something else', Buffer.from('OggS and more of it')],
    ['RIFF of another kind', Buffer.from('RIFF\0\0\0\0AVI LIST')],
    ['cut off in its head', wavOf(sound, options).subarray(0, 40)],
    ['without sound', wavOf(Buffer.alloc(0), options)],
    ['without a whole frame', wavOf(Buffer.alloc(3), options)],
    ['with less sound than it says', wavOf(sound, options).subarray(0, -1)],
    [
      'with its sound before its format',
      chunk(
        'RIFF',
        Buffer.concat([Buffer.from('WAVE'), chunk('data', sound), chunk('fmt ', formatOf(options))]),
      ),
    ],
    [
      'with two formats',
      chunk(
        'RIFF',
        Buffer.concat([
          Buffer.from('WAVE'),
          chunk('fmt ', formatOf(options)),
          chunk('fmt ', formatOf(options)),
          chunk('data', sound),
        ]),
      ),
    ],
    ['with a format that is too short', withFormat(formatOf(options).subarray(0, 14))],
    ['of no channel', bent((format) => format.writeUInt16LE(0, 2))],
    ['of nine channels', wavOf(sound, { ...options, channels: 9 })],
    ['of no rate', bent((format) => format.writeUInt32LE(0, 4))],
    ['of ADPCM', bent((format) => format.writeUInt16LE(2, 0))],
    ['of 12 bits', bent((format) => format.writeUInt16LE(12, 14))],
    ['with frames of another size than its samples have', bent((format) => format.writeUInt16LE(2, 12))],
    ['of an extensible kind that is not known', bent((format) => format.writeUInt8(1, 39), true)],
    ['of the extensible kind, without it', bent((format) => format.writeUInt16LE(0xfffe, 0))],
  ])('%s is not drawn, and no error', (_, file) => {
    for (const size of [1, 7, Math.max(1, file.length)]) expect(measured(file, size)).toBeUndefined();
  });

  test('that was changed anywhere is drawn, or is not, and never an error', () => {
    const file = wavOf(noise(50, options), { ...options, before: ['LIST'] });
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.nat(255), fc.integer({ min: 1, max: 99 }), (at, byte, size) => {
        const changed = Buffer.from(file);
        changed[at] = byte;
        const drawn = measured(changed, size);
        expect(drawn === undefined || drawn.peaks.length <= 8 * 2000).toBe(true);
        expect(drawn).toEqual(measured(changed));
      }),
      { numRuns: 500 },
    );
  });

  test('is looked at by each meter for itself', () => {
    const [one, other] = [createPeakMeter(), createPeakMeter()];
    const [mine, yours] = [
      wavOf(sound, options),
      wavOf(noise(99, { encoding: 'mu-law' }), { encoding: 'mu-law' }),
    ];
    for (let at = 0; at < mine.length; at += 7) {
      one.add(mine.subarray(at, at + 7));
      other.add(yours.subarray(at, at + 7));
    }
    expect(one.waveform()).toEqual(right);
    expect(other.waveform()).toEqual(measured(yours));
  });
});
