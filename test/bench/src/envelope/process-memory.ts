import { readFileSync } from 'node:fs';

/**
 * Most bytes of physical memory that a running process has used (VmHWM, proc(5)); undefined when it has ended or where
 * /proc does not tell. The kernel's other count, ru_maxrss, begins with what the starting process used.
 */
export function peakMemory(pid: number | 'self'): number | undefined {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
