import type { LiveSecond } from '../../../src/api/live.ts';

/** Seconds that charts show. */
export const WINDOW = 120;

/** The last two minutes, oldest first: one place for each second, and none where the console has not said anything of it. */
export interface SecondsWindow {
  /** Unix time of the newest second; undefined before the first. */
  readonly newest: number | undefined;
  readonly seconds: readonly (LiveSecond | undefined)[];
}

export const NO_SECONDS: SecondsWindow = {
  newest: undefined,
  seconds: Array.from({ length: WINDOW }, () => undefined),
};

/** Takes its place by its time: seconds that come late, again, or after a gap are where they belong. */
export function addSecond(window: SecondsWindow, second: LiveSecond): SecondsWindow {
  const at = Math.floor(new Date(second.at).getTime() / 1000);
  if (!Number.isFinite(at)) return window;
  const newest = Math.max(window.newest ?? at, at);
  const moved = window.newest === undefined ? 0 : Math.min(newest - window.newest, WINDOW);
  const index = WINDOW - 1 - (newest - at);
  if (index < 0) return window;
  const seconds = [...window.seconds.slice(moved), ...Array.from({ length: moved }, () => undefined)];
  seconds[index] = second;
  return { newest, seconds };
}

export interface Series {
  readonly label: string;
  /** One for each second; null where there is nothing to say. */
  readonly values: readonly (number | null)[];
}

/** Unix times of the places. */
export const timesOf = ({ newest }: SecondsWindow): number[] =>
  Array.from({ length: WINDOW }, (_, i) => (newest ?? 0) - WINDOW + 1 + i);

export const seriesOf = (
  { seconds }: SecondsWindow,
  label: string,
  value: (second: LiveSecond) => number | null,
): Series => ({
  label,
  values: seconds.map((second) => (second === undefined ? null : value(second))),
});

const MOST_KINDS = 4;

/** The kinds that most events of the window are of, in the order of their names so that they keep their colours, and the rest as one. */
export function seriesByKind(window: SecondsWindow): Series[] {
  const totals = new Map<string, number>();
  for (const second of window.seconds)
    for (const [kind, count] of Object.entries(second?.events ?? {}))
      totals.set(kind, (totals.get(kind) ?? 0) + count);
  const byTotal = [...totals].toSorted(([, one], [, other]) => other - one).map(([kind]) => kind);
  const kinds = byTotal.slice(0, MOST_KINDS).toSorted();
  const rest = byTotal.slice(MOST_KINDS);
  const sum = (of: readonly string[]) => (second: LiveSecond) =>
    of.reduce((total, kind) => total + (second.events[kind] ?? 0), 0);
  return [
    ...kinds.map((kind) => seriesOf(window, kind, sum([kind]))),
    ...(rest.length === 0 ? [] : [seriesOf(window, 'others', sum(rest))]),
  ];
}

/** Of a series, what people are told of it: null where it says nothing. */
export function summarise({ values }: Series) {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  return {
    latest: known.at(-1) ?? 0,
    total: known.reduce((sum, value) => sum + value, 0),
  };
}

/** A series in pieces of ten seconds, newest first, for a table: their sum or their largest. */
export function inTens({ values }: Series, how: 'sum' | 'most'): (number | null)[] {
  const pieces = Array.from({ length: Math.ceil(values.length / 10) }, (_, i) =>
    values.slice(i * 10, (i + 1) * 10).filter((value) => value !== null),
  );
  return pieces
    .map((piece) =>
      piece.length === 0
        ? null
        : how === 'sum'
          ? piece.reduce((sum, value) => sum + value, 0)
          : Math.max(...piece),
    )
    .toReversed();
}
