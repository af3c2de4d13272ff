import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '@sealtrack/cli/current-system';

export interface ChosenFolder {
  readonly dir: string;
  /** The process that holds the usual folder, when this is another one for that reason. */
  readonly heldBy: number | undefined;
}

/** `.data/start`, or the first of `.data/start-2`, `-3`… in which no system runs. */
export function chooseFolder(workspace: string): ChosenFolder {
  const usual = join(workspace, '.data/start');
  const heldBy = ownerOf(usual);
  if (heldBy === undefined) return { dir: usual, heldBy };
  for (let number = 2; ; number += 1) {
    const dir = `${usual}-${number}`;
    if (ownerOf(dir) === undefined) return { dir, heldBy };
  }
}

/** The process that runs a system in the folder (claim-folder.ts). */
function ownerOf(dir: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(dir, 'owner.pid'), 'utf8'));
    return Number.isInteger(pid) && pid > 0 && isAlive(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}
