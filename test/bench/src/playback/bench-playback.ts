import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import type { Measurement } from '../report.ts';
import { measureAppends } from './audit-appends.ts';
import { measureDownloads } from './downloads.ts';
import { measureFirstBytes } from './first-bytes.ts';
import { measureListeners } from './listeners.ts';
import { measureMemory } from './memory.ts';
import { CASES, type CaseName, type PlaybackOptions } from './options.ts';
import { measureOverload } from './overload.ts';
import { auditRows, downloadRows, firstByteRows, listenerRows, memoryRows, overloadRows } from './rows.ts';
import { openStage, type Stage } from './stage.ts';

/** What playing costs, case by case, on one system; only what refusals cost is measured on another one. */
export async function benchPlayback(
  options: PlaybackOptions,
  say: (line: string) => void,
): Promise<Measurement[]> {
  await using folder = await temporaryFolder();
  const cases: Record<Exclude<CaseName, 'overload'>, (stage: Stage) => Promise<Measurement[]>> = {
    download: async (stage) => downloadRows(await measureDownloads(stage, say)),
    'first-byte': async (stage) => firstByteRows(await measureFirstBytes(stage, say)),
    audit: async (stage) => auditRows(await measureAppends(stage, say)),
    listeners: async (stage) => listenerRows(await measureListeners(stage, say), options.listeners),
    memory: async (stage) => memoryRows(await measureMemory(stage, say)),
  };
  const rows: Measurement[] = [];
  const onStage = CASES.filter((name) => name !== 'overload').filter((name) => options.only.includes(name));
  if (onStage.length > 0) {
    await using stage = await openStage(folder.path, options, say);
    for (const name of onStage) rows.push(...(await cases[name](stage)));
  }
  if (options.only.includes('overload'))
    rows.push(...overloadRows(await measureOverload(folder.path, options, say)));
  return rows;
}
