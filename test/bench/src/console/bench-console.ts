import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { TENANT } from '../playback/library.ts';
import type { Measurement } from '../report.ts';
import { listRows, measureLists } from './lists.ts';
import { liveRows, measureLive } from './live.ts';
import { measureMedia, mediaRows } from './media.ts';
import type { ConsoleOptions } from './options.ts';
import { measureSealing, sealingRows } from './sealing.ts';
import { openStage } from './stage.ts';

/** What the console costs beside what it stands on. */
export async function benchConsole(
  options: ConsoleOptions,
  say: (line: string) => void,
): Promise<Measurement[]> {
  await using folder = await temporaryFolder();
  const rows: Measurement[] = [];
  {
    await using stage = await openStage(folder.path, options, say);
    const sealed = { tenantId: TENANT, certificateId: stage.certificateId };
    rows.push(...liveRows(await measureLive(stage, sealed, say)));
    // Of what was published there is a page now.
    rows.push(...listRows(await measureLists(stage, say)));
    rows.push(...mediaRows(await measureMedia(stage, say), options.mebibytes));
  }
  // Beside nothing that runs.
  return [...rows, ...sealingRows(await measureSealing(options, say))];
}
