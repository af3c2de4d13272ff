import { dirname, join } from 'node:path';
import { ensureOpenssl } from '@sealtrack/local-servers/find-server';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import type { Measurement } from '../report.ts';
import { checkRoom, makeKeys, makePlaintext, remove } from './bench-files.ts';
import { type Case, type Group, groupsOf } from './cases.ts';
import { makeCmsFile } from './cms-file.ts';
import type { Job, KeyFiles } from './engine.ts';
import { installPeers } from './install-peers.ts';
import type { Task } from './measure.ts';
import type { EnvelopeOptions } from './options.ts';
import { type Measured, measureInRounds } from './rounds.ts';
import { toRows } from './rows.ts';
import { type Limits, runMeasurement, type Unable } from './run-measurement.ts';

const SECONDS = 60;
const MEMORY = 8e9;

interface Bench {
  readonly options: EnvelopeOptions;
  readonly folder: string;
  readonly keys: KeyFiles;
  readonly limits: Limits;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  readonly isTimeUp: () => boolean;
  /** Why the JavaScript peers are not there; absent when they are. */
  readonly withoutPeers: string | undefined;
}

/** Throws CONFIG_INVALID, and what `signal` was aborted with. Leaves no file behind. */
export async function benchEnvelope(
  options: EnvelopeOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Measurement[]> {
  const start = performance.now();
  const minutes = (): number => (performance.now() - start) / 60_000;
  const uses = (role: string): boolean => options.engines.some((engine) => engine.role === role);
  if (uses('openssl')) await ensureOpenssl();
  const withoutPeers = uses('javascript') ? await installPeers() : undefined;

  const memory = Math.min(MEMORY, 0.8 * process.availableMemory());
  if (memory < MEMORY)
    say(`This machine has little memory free: engines may use ${(memory / 1e9).toFixed(1)} GB`);
  const sizes = [...options.sizes, ...options.extraOpenSizes].sort((a, b) => a - b);
  await using folder = await temporaryFolder();
  await checkRoom(dirname(folder.path), sizes);
  const bench: Bench = {
    options,
    folder: folder.path,
    keys: await makeKeys(join(folder.path, 'keys')),
    limits: { seconds: SECONDS, memory },
    say,
    signal,
    isTimeUp: () => minutes() >= options.minutes,
    withoutPeers,
  };
  say(`This takes at most ${options.minutes} minutes, and as a rule half of that or less.`);
  const measured: Measured[] = [];
  for (const size of sizes) measured.push(...(await measureSize(bench, size)));
  const rows = toRows(measured);
  const judged = rows.filter(({ ok }) => ok !== undefined);
  const reached = judged.filter(({ ok }) => ok).length;
  say(`Took ${minutes().toFixed(1)} minutes. ${reached} of ${judged.length} goals reached.`);
  return rows;
}

async function measureSize(bench: Bench, size: number): Promise<Measured[]> {
  const plaintext = join(bench.folder, 'plaintext');
  const groups = groupsOf(size, bench.options);
  if (groups.length > 0) await makePlaintext(plaintext, size);
  const measured: Measured[] = [];
  for (const group of groups) measured.push(...(await measureGroup(bench, group, plaintext)));
  await remove(plaintext);
  return measured;
}

async function measureGroup(bench: Bench, group: Group, plaintext: string): Promise<Measured[]> {
  const sealed = join(bench.folder, 'sealed');
  const input = group.input === 'plaintext' ? plaintext : sealed;
  try {
    const failed = bench.isTimeUp() ? undefined : await prepareInput(bench, group, plaintext, sealed);
    return await measureInRounds(group.cases, {
      ...bench.options,
      measure: async (each) => failed ?? (await measureCase(bench, each, input)),
      isTimeUp: bench.isTimeUp,
      say: bench.say,
    });
  } finally {
    await remove(sealed);
  }
}

/** Makes what is to be opened. */
async function prepareInput(
  bench: Bench,
  { input, suite, cases }: Group,
  plaintext: string,
  sealed: string,
): Promise<Unable | undefined> {
  if (input === 'cms file' && suite !== undefined) await makeCmsFile(suite, plaintext, bench.keys, sealed);
  const [own] = cases;
  if (input !== 'own file' || own === undefined) return undefined;
  const outcome = await measureCase(bench, { ...own, operation: 'seal' }, plaintext, sealed);
  return 'unable' in outcome
    ? { unable: `there is nothing to open, since sealing it: ${outcome.unable}` }
    : undefined;
}

async function measureCase(bench: Bench, each: Case, input: string, keepIn?: string) {
  const { engine, operation, suite = 'pkcs7' } = each;
  const needsHeap = engine.role === 'javascript';
  if (needsHeap && bench.withoutPeers !== undefined) return { unable: bench.withoutPeers };
  const { keys, limits, signal } = bench;
  const setting = engine.setting ?? 'default';
  const job: Job = { operation, suite, input, keys, setting, maxMemory: limits.memory };
  const task: Task = {
    module: engine.module.href,
    job,
    needsHeap,
    ...(keepIn === undefined ? {} : { keepIn }),
  };
  return await runMeasurement(task, limits, signal);
}
