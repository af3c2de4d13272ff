import { MAX_CHANNELS } from '@sealtrack/envelope/waveform';

export type Encoding = 'pcm8' | 'pcm16' | 'pcm24' | 'pcm32' | 'float32' | 'a-law' | 'mu-law';

/** How the sound of a WAV file is written down. */
export interface WavFormat {
  readonly encoding: Encoding;
  readonly channels: number;
  /** Frames a second: a sample of each channel. */
  readonly sampleRate: number;
  /** Bytes. */
  readonly frameSize: number;
}

/** Of a chunk "fmt ", which are read at most: those of WAVE_FORMAT_EXTENSIBLE. */
export const MAX_FORMAT_SIZE = 40;
export const MIN_FORMAT_SIZE = 16;

const EXTENSIBLE = 0xfffe;
/** What is behind the two bytes of the format in the GUID of an extensible one (Microsoft, "Multiple channel audio data and WAVE files"). */
const GUID_TAIL = Buffer.from('000000001000800000aa00389b71', 'hex');

const ENCODINGS: Readonly<Record<string, Encoding>> = {
  '1/8': 'pcm8',
  '1/16': 'pcm16',
  '1/24': 'pcm24',
  '1/32': 'pcm32',
  '3/32': 'float32',
  '6/8': 'a-law',
  '7/8': 'mu-law',
};

/** Of a chunk "fmt ". Undefined for what is not known here, and for what contradicts itself. */
export function readWavFormat(chunk: Buffer): WavFormat | undefined {
  const tag = tagOf(chunk);
  const channels = chunk.readUInt16LE(2);
  const sampleRate = chunk.readUInt32LE(4);
  const frameSize = chunk.readUInt16LE(12);
  const bits = chunk.readUInt16LE(14);
  const encoding = ENCODINGS[`${tag}/${bits}`];
  const isOne = channels >= 1 && channels <= MAX_CHANNELS && sampleRate > 0;
  if (encoding === undefined || !isOne || frameSize !== (channels * bits) / 8) return undefined;
  return { encoding, channels, sampleRate, frameSize };
}

function tagOf(chunk: Buffer): number | undefined {
  const tag = chunk.readUInt16LE(0);
  if (tag !== EXTENSIBLE) return tag;
  const isKnown = chunk.length >= MAX_FORMAT_SIZE && chunk.subarray(26, 40).equals(GUID_TAIL);
  return isKnown ? chunk.readUInt16LE(24) : undefined;
}
