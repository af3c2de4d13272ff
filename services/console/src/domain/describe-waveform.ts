import type { GetWaveformResponse } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import type { Waveform } from '../api/recordings.ts';

/** Peaks lie one channel behind the other. */
export function describeWaveform({ durationMs, channels, peaks }: GetWaveformResponse): Waveform {
  const each = channels === 0 ? 0 : Math.floor(peaks.length / channels);
  return {
    durationMs: Number(durationMs),
    channels: Array.from({ length: channels }, (_, channel) => [
      ...peaks.subarray(channel * each, (channel + 1) * each),
    ]),
  };
}
