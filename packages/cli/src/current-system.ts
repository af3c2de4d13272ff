import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';

/** As whom commands connect: each door is for the party whose role it takes. */
export const CLI_PARTIES = ['administrator', 'operator', 'auditor', 'player', 'pipeline'] as const;
export type CliParty = (typeof CLI_PARTIES)[number];

const FILES = z.object({ certificate: z.string(), certificateKey: z.string(), trustedCa: z.string() });

/**
 * Where the system that `npm start` runs can be reached. The file lies in the workspace, is written by the launcher
 * and read by every command that was told no addresses.
 */
const CURRENT_SYSTEM = z.object({
  pid: z.number().int().positive(),
  startedAt: z.string(),
  natsUrl: z.string(),
  addresses: z.object({
    ingest: z.string(),
    recordings: z.string(),
    crypto: z.string(),
    profiles: z.string(),
  }),
  /** Files of each party's certificate, for commands to connect with; without them it speaks plaintext. */
  tls: z.record(z.enum(CLI_PARTIES), FILES).optional(),
});

export type CurrentSystem = z.infer<typeof CURRENT_SYSTEM>;

const FILE = '.data/current.json';
const WORKSPACE = resolve(import.meta.dirname, '../../..');

export type Discovery =
  | { readonly found: CurrentSystem }
  /** `stale` is the file of a system that has ended without removing it. */
  | { readonly found: undefined; readonly stale?: { readonly file: string; readonly pid: number } };

/** Looks from `cwd` upwards, then in the workspace of this program. */
export function findCurrentSystem(cwd: string, workspace: string = WORKSPACE): Discovery {
  let stale: { file: string; pid: number } | undefined;
  for (const folder of [...upwards(cwd), workspace]) {
    const file = join(folder, FILE);
    const system = isOwn(file) ? readCurrentSystem(file) : undefined;
    if (system === undefined) continue;
    if (isAlive(system.pid)) return { found: system };
    stale ??= { file, pid: system.pid };
  }
  return stale === undefined ? { found: undefined } : { found: undefined, stale };
}

function* upwards(folder: string): Generator<string> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    yield at;
    if (at === dirname(at)) return;
  }
}

/** Whom to trust, and whether in plaintext, is in it: a folder above may be one in which everybody can put files, as /tmp is. */
function isOwn(file: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats !== undefined && stats.uid === (process.getuid?.() ?? stats.uid) && (stats.mode & 0o022) === 0;
}

function readCurrentSystem(file: string): CurrentSystem | undefined {
  try {
    return CURRENT_SYSTEM.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Whether a process with this id exists, be it somebody else's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Makes this the system that commands find, unless another one that still runs is. The result removes the file again;
 * undefined says that another one keeps its place.
 */
export function announceCurrentSystem(
  system: CurrentSystem,
  workspace: string = WORKSPACE,
): (() => void) | undefined {
  const file = join(workspace, FILE);
  const draft = `${file}.${process.pid}`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(draft, `${JSON.stringify(system, null, 2)}\n`, { mode: 0o600 });
  try {
    if (!takePlace(draft, file)) return undefined;
  } finally {
    rmSync(draft, { force: true });
  }
  return () => {
    if (readCurrentSystem(file)?.pid === system.pid) rmSync(file, { force: true });
  };
}

function takePlace(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const holder = readCurrentSystem(file);
    if (holder !== undefined && isAlive(holder.pid)) return false;
    renameSync(draft, file);
    return true;
  }
}
