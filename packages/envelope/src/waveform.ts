/** How loud a media file is over its time, to draw it. */
export interface Waveform {
  /** Milliseconds of the whole. */
  readonly durationMs: number;
  /** 1 to MAX_CHANNELS. */
  readonly channels: number;
  /**
   * A byte each, 0 to 255 of full scale: the loudest moment of each of equally long pieces (the last one may be shorter), 1 to MAX_PIECES
   * of them, for the first channel, then for the second one and so on.
   */
  readonly peaks: Uint8Array;
}

export const MAX_CHANNELS = 8;
/** Of each channel: more than a screen has columns. */
export const MAX_PIECES = 2000;

const HEAD_SIZE = 9;
/** Of what encodeWaveform makes, in bytes. */
export const MAX_WAVEFORM_SIZE = HEAD_SIZE + MAX_CHANNELS * MAX_PIECES;

/** `durationMs` in 8 bytes, big-endian ‖ `channels` in one ‖ `peaks`. */
export function encodeWaveform({ durationMs, channels, peaks }: Waveform): Buffer {
  const head = Buffer.alloc(HEAD_SIZE);
  head.writeBigUInt64BE(BigInt(durationMs));
  head.writeUInt8(channels, HEAD_SIZE - 1);
  return Buffer.concat([head, peaks]);
}

/** Undefined for what is none. */
export function decodeWaveform(bytes: Buffer): Waveform | undefined {
  if (bytes.length <= HEAD_SIZE) return undefined;
  const durationMs = Number(bytes.readBigUInt64BE());
  const channels = bytes.readUInt8(HEAD_SIZE - 1);
  const peaks = bytes.subarray(HEAD_SIZE);
  const pieces = peaks.length / channels;
  const isOne =
    Number.isSafeInteger(durationMs) &&
    channels >= 1 &&
    channels <= MAX_CHANNELS &&
    Number.isInteger(pieces) &&
    pieces <= MAX_PIECES;
  return isOne ? { durationMs, channels, peaks } : undefined;
}
