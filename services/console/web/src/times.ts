const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const UNITS = [
  ['year', 365 * DAY],
  ['month', 30 * DAY],
  ['day', DAY],
  ['hour', HOUR],
  ['minute', MINUTE],
] as const;

/** Such as "3 minutes ago" or "in 2 days". */
export function relativeTime(at: Date, now: Date): string {
  const seconds = Math.round((at.getTime() - now.getTime()) / 1000);
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1];
  if (unit === 'second') return Math.abs(seconds) < 10 ? 'now' : relative.format(seconds, unit);
  return relative.format(Math.trunc(seconds / size), unit);
}

/** In the reader's zone, sortable by eye: 2026-11-26 14:03. */
export function localTime(at: Date, precision: 'day' | 'minute' | 'second' = 'minute'): string {
  const pad = (value: number) => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
  if (precision === 'day') return day;
  const minute = `${day} ${pad(at.getHours())}:${pad(at.getMinutes())}`;
  return precision === 'minute' ? minute : `${minute}:${pad(at.getSeconds())}`;
}

/** Everything about a moment: with its zone, and in UTC. */
export const wholeTime = (at: Date): string =>
  `${localTime(at, 'second')} ${zoneOf(at)} — ${at.toISOString()}`;

const zoneOf = (at: Date): string =>
  new Intl.DateTimeFormat('en', { timeZoneName: 'short' })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')?.value ?? '';
