import type { Waveform } from '@sealtrack/envelope/waveform';
import { createDesk } from './loudness.ts';
import { createPieces, type Pieces } from './pieces.ts';
import type { WavFormat } from './wav-format.ts';
import { createWavReader } from './wav-reader.ts';

/** Draws the waveform of media that passes by, in constant memory. */
export interface PeakMeter {
  /** The next bytes of the media. Never throws: of what it cannot make out there is no waveform. */
  add(bytes: Uint8Array): void;
  /** At the end, once. Undefined of what is no WAV file known here, and of one that is not what it says it is. */
  waveform(): Waveform | undefined;
}

interface Drawing {
  readonly format: WavFormat;
  readonly pieces: Pieces;
  /** The beginning of a frame, whose rest is to come. */
  readonly rest: Uint8Array;
  resting: number;
}

/** One for all recordings: nothing lies on it between two calls. */
const desk = createDesk();

export function createPeakMeter(): PeakMeter {
  const reader = createWavReader();
  let drawing: Drawing | undefined;
  let isBroken = false;

  function draw(sound: Uint8Array): void {
    const format = reader.format();
    if (sound.length === 0 || format === undefined) return;
    drawing ??= {
      format,
      pieces: createPieces(format.channels),
      rest: new Uint8Array(format.frameSize),
      resting: 0,
    };
    for (let at = 0; at < sound.length; ) at += drawSome(drawing, sound.subarray(at));
  }

  return {
    add(bytes) {
      if (isBroken) return;
      try {
        draw(reader.take(bytes));
      } catch {
        isBroken = true;
      }
    },
    waveform() {
      drawing?.rest.fill(0);
      if (isBroken || drawing === undefined || !reader.isWhole()) return undefined;
      const { format, pieces } = drawing;
      const frames = pieces.frames();
      if (frames === 0) return undefined;
      const durationMs = Math.round((frames * 1000) / format.sampleRate);
      return { durationMs, channels: format.channels, peaks: pieces.peaks() };
    },
  };
}

/** As much as there is room for on the desk. How many bytes that were. */
function drawSome(drawing: Drawing, sound: Uint8Array): number {
  const { format, pieces, rest } = drawing;
  const { frameSize } = format;
  const taken = sound.subarray(0, desk.bytes.length - drawing.resting);
  const size = drawing.resting + taken.length;
  desk.bytes.set(rest.subarray(0, drawing.resting));
  desk.bytes.set(taken, drawing.resting);
  const whole = size - (size % frameSize);
  for (let at = 0; at < whole; ) {
    const frames = Math.min(pieces.room(), (whole - at) / frameSize);
    desk.raise(format, pieces.loudest, at, at + frames * frameSize);
    pieces.passed(frames);
    at += frames * frameSize;
  }
  rest.set(desk.bytes.subarray(whole, size));
  drawing.resting = size - whole;
  desk.bytes.fill(0, 0, size);
  return taken.length;
}
