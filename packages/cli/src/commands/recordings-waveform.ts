import { MAIN_MEDIA } from '@sealtrack/ids/ids';
import { parseMediaId, parseRecordingId } from '@sealtrack/ids/parse';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { channelsOf, drawWaveform } from '../recordings/draw-waveform.ts';
import { formatSeconds } from '../units.ts';

export function addRecordingsWaveform(group: Command, wire: Wire): void {
  group
    .command('waveform <recording>')
    .description('Show how loud a recording is over its time, a line for each channel.')
    .option('--media <id>', 'the media file within the recording', parseMediaId, MAIN_MEDIA)
    .option('--purpose <text>', 'why; kept in the audit record', 'sealtrack recordings waveform')
    .addHelpText(
      'after',
      example('sealtrack recordings waveform call-1', 'sealtrack recordings waveform call-1 --json'),
    )
    .action(wire(showWaveform));
}

interface WaveformOptions {
  readonly media: string;
  readonly purpose: string;
}

async function showWaveform(
  context: Context,
  id: string,
  { media: mediaId, purpose }: WaveformOptions,
): Promise<void> {
  const recordingId = parseRecordingId(id);
  const client = await context.decryption();
  const waveform = await client.getWaveform(
    { tenantId: context.tenantId, recordingId, mediaId, purpose },
    { signal: context.signal },
  );
  const durationMs = Number(waveform.durationMs);
  await context.out.result({ recordingId, mediaId, durationMs, channels: channelsOf(waveform) }, () =>
    [
      `${recordingId}, ${mediaId}: ${formatSeconds(durationMs / 1000)}, channels: ${waveform.channels}`,
      ...drawWaveform(waveform),
    ].join('\n'),
  );
}
