import { readFileSync } from 'node:fs';
import type { ServiceName, System } from '@sealtrack/launcher/system';

const MB = 1_000_000;
/** Only Linux tells of other processes what is needed here. */
export const KNOWS_PROCESSES = process.platform === 'linux';

const field = (file: string, name: string): number => {
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${name}:`));
  return Number(/\d+/.exec(line ?? '')?.[0] ?? Number.NaN);
};

/** The most memory that each service has had so far, resident, in MB (VmHWM of proc_pid_status(5)). */
export function peakMemory(system: System): Record<ServiceName, number> {
  const peaks = Object.entries(system.services).map(([name, { pid }]) => [
    name,
    Math.round((field(`/proc/${pid}/status`, 'VmHWM') * 1024) / MB),
  ]);
  return Object.fromEntries(peaks) as Record<ServiceName, number>;
}

/** Bytes that a process has read so far, from files and connections (proc_pid_io(5)). */
export const bytesRead = (pid: number | undefined): number => field(`/proc/${pid}/io`, 'rchar');
