import type { GetWaveformResponse } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';

export type DrawnWaveform = Pick<GetWaveformResponse, 'channels' | 'peaks'>;

const WIDTH = 72;
const BARS = ' ▁▂▃▄▅▆▇█';

/** The peaks of each channel: 0 to 255 of full scale. */
export function channelsOf({ channels, peaks }: DrawnWaveform): number[][] {
  const pieces = channels === 0 ? 0 : Math.floor(peaks.length / channels);
  return Array.from({ length: channels }, (_, channel) => [
    ...peaks.subarray(channel * pieces, (channel + 1) * pieces),
  ]);
}

/** A line of bars for each channel, of which the tallest is the loudest moment of all: most calls are far from full scale. */
export function drawWaveform(waveform: DrawnWaveform): string[] {
  const loudest = waveform.peaks.reduce((most, peak) => Math.max(most, peak), 0);
  return channelsOf(waveform).map((peaks) => {
    const columns = Math.min(WIDTH, peaks.length);
    return Array.from({ length: columns }, (_, column) => {
      const [from, to] = [column, column + 1].map((edge) => Math.floor((edge * peaks.length) / columns));
      const peak = Math.max(...peaks.slice(from, to));
      return BARS[loudest === 0 ? 0 : Math.ceil((peak * (BARS.length - 1)) / loudest)];
    }).join('');
  });
}
