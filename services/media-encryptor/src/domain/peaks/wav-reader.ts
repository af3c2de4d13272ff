import { MAX_FORMAT_SIZE, MIN_FORMAT_SIZE, readWavFormat, type WavFormat } from './wav-format.ts';

/** Finds the sound in a WAV file (RIFF) that comes in chunks of any size. Holds 40 bytes. */
export interface WavReader {
  /** What is sound of these bytes, the next ones of the file: a part of them, or nothing. */
  take(bytes: Uint8Array): Uint8Array;
  /** Known before the first of the sound. */
  format(): WavFormat | undefined;
  /** Asked at the end: whether all of the sound was there that the file had announced. */
  isWhole(): boolean;
}

/** 'over' is behind the sound, 'none' is what is no such file. */
type Stage = 'file' | 'chunk' | 'format' | 'sound' | 'over' | 'none';

const FILE_HEAD = 12;
const CHUNK_HEAD = 8;
/** What those announce who write as they record, and do not know: ffmpeg, GStreamer and others; SoX. */
const UNKNOWN_SIZES = [0xffff_ffff, 0, 0x7fff_f000];
const NOTHING = new Uint8Array(0);

export function createWavReader(): WavReader {
  const head = Buffer.alloc(MAX_FORMAT_SIZE);
  let stage: Stage = 'file';
  let format: WavFormat | undefined;
  let had = 0;
  let needed = FILE_HEAD;
  /** Bytes that nobody looks at, before what is needed. */
  let skipped = 0;
  /** Bytes of sound that are to come. */
  let left = 0;

  function expect(next: Stage, size: number, behind = 0): void {
    [stage, had, needed, skipped] = [next, 0, size, behind];
  }

  function readChunkHead(): void {
    const name = head.toString('latin1', 0, 4);
    const size = head.readUInt32LE(4);
    if (name === 'data') {
      left = UNKNOWN_SIZES.includes(size) ? Number.POSITIVE_INFINITY : size;
      stage = format === undefined ? 'none' : 'sound';
    } else if (name !== 'fmt ') expect('chunk', CHUNK_HEAD, evened(size));
    else if (size < MIN_FORMAT_SIZE || format !== undefined) stage = 'none';
    else {
      expect('format', Math.min(size, MAX_FORMAT_SIZE));
      left = evened(size) - needed;
    }
  }

  function readHead(): void {
    if (stage === 'chunk') readChunkHead();
    else if (stage === 'format') {
      format = readWavFormat(head.subarray(0, needed));
      if (format === undefined) stage = 'none';
      else expect('chunk', CHUNK_HEAD, left);
    } else {
      const isWav = head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'WAVE';
      if (isWav) expect('chunk', CHUNK_HEAD);
      else stage = 'none';
    }
  }

  return {
    take(bytes) {
      let at = 0;
      while (at < bytes.length && stage !== 'none' && stage !== 'over') {
        if (stage === 'sound') {
          const sound = bytes.subarray(at, at + left);
          left -= sound.length;
          if (left === 0) stage = 'over';
          return sound;
        }
        const passed = Math.min(skipped, bytes.length - at);
        skipped -= passed;
        at += passed;
        const taken = bytes.subarray(at, at + needed - had);
        head.set(taken, had);
        had += taken.length;
        at += taken.length;
        if (had === needed) readHead();
      }
      return NOTHING;
    },
    format: () => format,
    isWhole: () => stage === 'over' || (stage === 'sound' && left === Number.POSITIVE_INFINITY),
  };
}

/** Chunks begin at even places. */
const evened = (size: number): number => size + (size % 2);
