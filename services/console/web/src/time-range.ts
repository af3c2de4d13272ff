/** Ranges that move with the time, such as "24h", and what they are called. */
export const QUICK_RANGES = [
  ['1h', 'Last hour', 60 * 60_000],
  ['24h', 'Last 24 hours', 24 * 60 * 60_000],
  ['7d', 'Last 7 days', 7 * 24 * 60 * 60_000],
  ['30d', 'Last 30 days', 30 * 24 * 60 * 60_000],
] as const;

export type QuickRange = (typeof QUICK_RANGES)[number][0];

/** What a search is bounded by: one of the above, two moments of which either may be absent, or nothing at all. */
export interface TimeRange {
  readonly quick?: QuickRange;
  /** RFC 3339 in UTC. */
  readonly from?: string;
  readonly until?: string;
}

export function rangeFromUrl(params: URLSearchParams): TimeRange {
  const named = params.get('range');
  const quick = QUICK_RANGES.find(([key]) => key === named)?.[0];
  if (quick !== undefined) return { quick };
  const from = moment(params.get('from'));
  const until = moment(params.get('until'));
  return { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) };
}

export const rangeToUrl = ({ quick, from, until }: TimeRange): Record<string, string | undefined> =>
  quick === undefined ? { from, until } : { range: quick };

/** What the API is asked for. A range that moves is held at `now`, so that all pages of a search are of the same one. */
export function rangeAt({ quick, from, until }: TimeRange, now: Date) {
  const length = QUICK_RANGES.find(([key]) => key === quick)?.[2];
  return length === undefined
    ? { from, until }
    : { from: new Date(now.getTime() - length).toISOString(), until: undefined };
}

/** What <input type="datetime-local"> takes: in the reader's zone, to the minute. */
export function toLocalInput(at: string | undefined): string {
  if (at === undefined) return '';
  const date = new Date(at);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** The other way round; undefined while it is not filled in. */
export const fromLocalInput = (value: string): string | undefined => moment(value);

function moment(text: string | null): string | undefined {
  const date = text === null || text === '' ? undefined : new Date(text);
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
