import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** CPU seconds that a process has used since its start; undefined where /proc does not tell. */
export function cpuSeconds(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    // The name in parentheses may hold spaces; utime and stime are fields 14 and 15 (proc(5)).
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}

/** Cores that each process kept busy while `work` ran. */
export async function busyCores<T>(
  pids: Readonly<Record<string, number | undefined>>,
  work: () => Promise<T>,
): Promise<{ result: T; cores: Record<string, number> }> {
  const before = Object.entries(pids).map(([name, pid]) => [name, pid, cpuSeconds(pid)] as const);
  const start = performance.now();
  const result = await work();
  const seconds = (performance.now() - start) / 1000;
  const cores = before.flatMap(([name, pid, then]) => {
    const now = cpuSeconds(pid);
    return then === undefined || now === undefined ? [] : [[name, (now - then) / seconds] as const];
  });
  return { result, cores: Object.fromEntries(cores) };
}
