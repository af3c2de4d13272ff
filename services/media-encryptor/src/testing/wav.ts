/** WAV files for tests, and what their waveforms have to be: written with nothing of the code that reads them. */

export const ENCODINGS = ['pcm8', 'pcm16', 'pcm24', 'pcm32', 'float32', 'a-law', 'mu-law'] as const;
export type TestEncoding = (typeof ENCODINGS)[number];

const FORMATS: Readonly<Record<TestEncoding, readonly [tag: number, bits: number]>> = {
  pcm8: [1, 8],
  pcm16: [1, 16],
  pcm24: [1, 24],
  pcm32: [1, 32],
  float32: [3, 32],
  'a-law': [6, 8],
  'mu-law': [7, 8],
};

export interface WavOptions {
  readonly encoding: TestEncoding;
  readonly channels?: number;
  readonly sampleRate?: number;
  /** WAVE_FORMAT_EXTENSIBLE. */
  readonly isExtensible?: boolean;
  /** What the file says that its sound has. */
  readonly dataSize?: number;
  /** Chunks that nobody asked for, each with an odd size. */
  readonly before?: readonly string[];
  readonly behind?: readonly string[];
}

export function wavOf(sound: Buffer, options: WavOptions): Buffer {
  const { dataSize = sound.length, before = [], behind = [] } = options;
  const odd = (name: string) => chunk(name, Buffer.from('abc'));
  const body = Buffer.concat([
    Buffer.from('WAVE'),
    ...before.map(odd),
    chunk('fmt ', formatOf(options)),
    ...before.map(odd),
    chunk('data', sound, dataSize),
    ...behind.map(odd),
  ]);
  return chunk('RIFF', body);
}

export function chunk(name: string, body: Buffer, size = body.length): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(size, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

export function formatOf({
  encoding,
  channels = 1,
  sampleRate = 8000,
  isExtensible = false,
}: WavOptions): Buffer {
  const [tag, bits] = FORMATS[encoding];
  const format = Buffer.alloc(isExtensible ? 40 : 16);
  format.writeUInt16LE(isExtensible ? 0xfffe : tag, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(sampleRate, 4);
  format.writeUInt32LE((sampleRate * channels * bits) / 8, 8);
  format.writeUInt16LE((channels * bits) / 8, 12);
  format.writeUInt16LE(bits, 14);
  if (!isExtensible) return format;
  format.writeUInt16LE(22, 16);
  format.writeUInt16LE(bits, 18);
  format.writeUInt16LE(tag, 24);
  format.write('000000001000800000aa00389b71', 26, 'hex');
  return format;
}

/** The magnitude of one sample, with 1 as full scale. */
const MAGNITUDES: Readonly<Record<TestEncoding, (sound: Buffer, sample: number) => number>> = {
  pcm8: (sound, n) => Math.abs(sound.readUInt8(n) - 128) / 128,
  pcm16: (sound, n) => Math.abs(sound.readInt16LE(2 * n)) / 2 ** 15,
  pcm24: (sound, n) => Math.abs(sound.readIntLE(3 * n, 3)) / 2 ** 23,
  pcm32: (sound, n) => Math.abs(sound.readInt32LE(4 * n)) / 2 ** 31,
  float32: (sound, n) => Math.abs(sound.readFloatLE(4 * n)),
  'a-law': (sound, n) => Math.abs(aLaw(sound.readUInt8(n))) / 2 ** 15,
  'mu-law': (sound, n) => Math.abs(muLaw(sound.readUInt8(n))) / 2 ** 15,
};

/** ITU-T G.711, table 1: segments of 16 steps, of which each is twice as wide as the one before, but for the first two. */
export function aLaw(code: number): number {
  const turned = code ^ 0x55;
  const segment = Math.floor((turned % 128) / 16);
  const step = turned % 16;
  const magnitude = segment === 0 ? 2 * step + 1 : (2 * step + 33) * 2 ** (segment - 1);
  return (turned >= 128 ? 1 : -1) * magnitude * 8;
}

/** The same, table 2: every segment twice as wide as the one before, in steps around a bias of 33. */
export function muLaw(code: number): number {
  const turned = 255 - code;
  const magnitude = (2 * (turned % 16) + 33) * 2 ** Math.floor((turned % 128) / 16) - 33;
  return (turned >= 128 ? -1 : 1) * magnitude * 4;
}

const sampleSize = (encoding: TestEncoding): number => FORMATS[encoding][1] / 8;

/** As `PeakMeter` has it: as many pieces of 16, 32, 64… frames as are fewer than 2,000. */
export function waveformOf(
  sound: Buffer,
  { encoding, channels = 1, sampleRate = 8000 }: Pick<WavOptions, 'encoding' | 'channels' | 'sampleRate'>,
) {
  const frames = Math.floor(sound.length / channels / sampleSize(encoding));
  let length = 16;
  while (frames / length >= 2000) length *= 2;
  const pieces = Math.ceil(frames / length);
  const peaks = new Uint8Array(channels * pieces);
  for (let frame = 0; frame < frames; frame += 1)
    for (let channel = 0; channel < channels; channel += 1) {
      const at = channel * pieces + Math.floor(frame / length);
      const heard = Math.floor(256 * MAGNITUDES[encoding](sound, frame * channels + channel));
      if (heard > (peaks[at] ?? 0)) peaks[at] = Math.min(255, heard);
    }
  return { durationMs: Math.round((frames / sampleRate) * 1000), channels, peaks };
}

/** Sound that swells and fades: noise, the same each time, louder in some places and channels than in others. */
export function noise(frames: number, { encoding, channels = 1 }: WavOptions): Buffer {
  const size = sampleSize(encoding);
  const sound = Buffer.alloc(frames * channels * size);
  let seed = 1;
  for (let n = 0; n < frames * channels; n += 1) {
    seed = (seed * 48_271) % 2_147_483_647;
    const swell =
      Math.sin((Math.PI * n) / (frames * channels)) * (0.3 + (0.7 * ((n % channels) + 1)) / channels);
    write(sound, n, encoding, ((2 * seed) / 2_147_483_647 - 1) * swell, seed);
  }
  return sound;
}

function write(sound: Buffer, n: number, encoding: TestEncoding, value: number, seed: number): void {
  const scaled = (bits: number) => Math.round(value * (2 ** (bits - 1) - 1));
  if (encoding === 'pcm8') sound.writeUInt8(128 + scaled(8), n);
  else if (encoding === 'pcm16') sound.writeInt16LE(scaled(16), 2 * n);
  else if (encoding === 'pcm24') sound.writeIntLE(scaled(24), 3 * n, 3);
  else if (encoding === 'pcm32') sound.writeInt32LE(scaled(32), 4 * n);
  else if (encoding === 'float32') sound.writeFloatLE(value * 1.1, 4 * n);
  // Any byte is a sample; those around 0x55 and 0xff are quiet ones.
  else sound.writeUInt8((encoding === 'a-law' ? 0x55 : 0xff) ^ (Math.abs(scaled(8)) | (seed & 128)), n);
}
