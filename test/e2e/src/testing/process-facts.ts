import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
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

/** The TCP ports that a process listens on (proc_pid_fd(5), proc_net(5)). */
export function listeningPorts(pid: number | undefined): readonly number[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        // Closed meanwhile.
        return [];
      }
    }),
  );
  const LISTEN = '0A';
  return ['tcp', 'tcp6']
    .flatMap((family) => readFileSync(`/proc/${pid}/net/${family}`, 'utf8').trim().split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === LISTEN && sockets.has(inode ?? ''))
    .map(([, local = '']) => Number.parseInt(local.split(':')[1] ?? '', 16));
}

/** Its arguments and its environment, as any process of the same user can read them. */
export const visibleOf = (pid: number | undefined): Buffer =>
  Buffer.concat(['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`)));
