const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** 1,000-based, as disks and networks are measured: 480000 is "480 kB". */
export function formatBytes(bytes: number | bigint): string {
  let value = Number(bytes);
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1)} ${UNITS[unit]}`;
}

export const formatRate = (bytes: number | bigint, seconds: number): string =>
  `${(Number(bytes) / 1e6 / Math.max(seconds, 1e-3)).toFixed(1)} MB/s`;

export const formatSeconds = (seconds: number): string => `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;

/** To the second, in UTC, for tables. */
export const formatTime = (time: Date | undefined): string =>
  time === undefined ? '-' : `${time.toISOString().slice(0, 19)}Z`;
