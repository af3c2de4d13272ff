import { MAX_PIECES } from '@sealtrack/envelope/waveform';

/** The loudest moment of each of at most MAX_PIECES equally long pieces, whatever the length turns out to be. */
export interface Pieces {
  /** Of the piece that is under way, a byte for each channel: to be raised. */
  readonly loudest: Uint8Array;
  /** Frames until that is full: 1 or more. */
  room(): number;
  /** So many frames, at most as many as there is room for, are in `loudest`. */
  passed(frames: number): void;
  /** Frames in all. */
  frames(): number;
  /** Of the first channel, then of the second one and so on. */
  peaks(): Uint8Array;
}

/** Frames of a piece in the beginning: 2 ms of a telephone call. */
const FIRST_LENGTH = 16;

export function createPieces(channels: number): Pieces {
  const loudest = new Uint8Array(channels);
  /** Of one piece after the other, a byte for each channel. */
  const full = new Uint8Array(MAX_PIECES * channels);
  let count = 0;
  let length = FIRST_LENGTH;
  let filled = 0;
  let frames = 0;

  function close(): void {
    full.set(loudest, count * channels);
    loudest.fill(0);
    filled = 0;
    count += 1;
    if (count < MAX_PIECES) return;
    count /= 2;
    length *= 2;
    for (let piece = 0; piece < count; piece += 1)
      for (let channel = 0; channel < channels; channel += 1) {
        const at = 2 * piece * channels + channel;
        full[piece * channels + channel] = Math.max(full[at] ?? 0, full[at + channels] ?? 0);
      }
  }

  return {
    loudest,
    room: () => length - filled,
    passed(more) {
      frames += more;
      filled += more;
      if (filled === length) close();
    },
    frames: () => frames,
    peaks() {
      const pieces = filled > 0 ? count + 1 : count;
      if (filled > 0) full.set(loudest, count * channels);
      return Uint8Array.from({ length: pieces * channels }, (_, at) => {
        const [channel, piece] = [Math.floor(at / pieces), at % pieces];
        return full[piece * channels + channel] ?? 0;
      });
    },
  };
}
