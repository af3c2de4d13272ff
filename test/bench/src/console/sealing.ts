import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { WORKSPACE } from '@sealtrack/launcher/workspace';
import { type Measurement, measurement } from '../report.ts';
import type { ConsoleOptions } from './options.ts';

/** MB a CPU second, of the same bytes. */
export interface SealingRates {
  readonly encoding: string;
  readonly withWaveform: number;
  readonly without: number;
}

const SCRIPT = join(WORKSPACE, 'services/media-encryptor/src/testing/measure-waveform.ts');

export async function measureSealing(
  { mebibytes, rounds }: Pick<ConsoleOptions, 'mebibytes' | 'rounds'>,
  say: (line: string) => void,
): Promise<SealingRates[]> {
  say('sealing …');
  const args = [SCRIPT, String(mebibytes), String(rounds)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as SealingRates[];
}

export const sealingRows = (rates: readonly SealingRates[]): Measurement[] =>
  rates.map(({ encoding, withWaveform: value, without: limit }) =>
    measurement({
      ...{ bench: 'console', case: `sealing, ${encoding}`, engine: 'sealtrack', unit: 'MB/CPU s' },
      ...{ metric: 'with a waveform, beside none', value, limit },
    }),
  );
