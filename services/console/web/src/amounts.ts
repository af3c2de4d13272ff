import { plural } from './plural.ts';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** 1,000-based, as on the command line: 480000 is "480 kB". */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1)} ${UNITS[unit]}`;
}

export const formatCount = (count: number): string => count.toLocaleString('en');

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long something took, in its two largest units: "40 ms", "1.2 s", "3 min 20 s", "2 d 3 h". */
export function formatDuration(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < SECOND) return `${whole} ms`;
  if (whole < MINUTE) return `${(whole / SECOND).toFixed(whole < 9950 ? 1 : 0)} s`;
  if (whole < HOUR) return pair(whole, MINUTE, 'min', SECOND, 's');
  return whole < DAY ? pair(whole, HOUR, 'h', MINUTE, 'min') : pair(whole, DAY, 'd', HOUR, 'h');
}

function pair(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)} ${largeName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

/** A place in a recording, as players show it: "0:07", "1:02:03". */
export function formatClock(seconds: number): string {
  const whole = Number.isFinite(seconds) ? Math.max(0, Math.floor(seconds)) : 0;
  const pad = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours === 0 ? `${minutes}:${pad(whole % 60)}` : `${hours}:${pad(minutes)}:${pad(whole % 60)}`;
}

/** The same in words, for those who hear it. */
export function spokenClock(seconds: number): string {
  const whole = Number.isFinite(seconds) ? Math.max(0, Math.floor(seconds)) : 0;
  const parts = [
    [Math.floor(whole / 3600), 'hour'],
    [Math.floor(whole / 60) % 60, 'minute'],
    [whole % 60, 'second'],
  ] as const;
  const said = parts.flatMap(([count, unit]) => (count === 0 ? [] : [plural(count, unit)]));
  return said.length === 0 ? '0 seconds' : said.join(' ');
}
