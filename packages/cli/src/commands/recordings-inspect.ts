import type { ManifestView } from '@sealtrack/envelope/describe-manifest';
import { MAIN_MEDIA } from '@sealtrack/ids/ids';
import { parseMediaId, parseRecordingId } from '@sealtrack/ids/parse';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { manifestText } from '../envelope/view-text.ts';

export function addRecordingsInspect(group: Command, wire: Wire): void {
  group
    .command('inspect <recording>')
    .description(
      "Show what a recording's manifest says of it: recipients, cipher, sizes, and the command lines that open it. " +
        'No key is used, and nothing of it is proven.',
    )
    .option('--media <id>', 'the media file within the recording', parseMediaId, MAIN_MEDIA)
    .addHelpText('after', example('sealtrack recordings inspect call-1 --json'))
    .action(wire(inspectRecording));
}

async function inspectRecording(
  context: Context,
  id: string,
  { media: mediaId }: { readonly media: string },
): Promise<void> {
  const recordingId = parseRecordingId(id);
  const client = await context.decryption();
  const { document } = await client.inspectMedia(
    { tenantId: context.tenantId, recordingId, mediaId },
    { signal: context.signal },
  );
  const view: ManifestView = JSON.parse(document);
  await context.out.result(view, () => manifestText(view));
}
