import { localTime, relativeTime, wholeTime } from '../times.ts';
import { useNow } from '../use-now.ts';

interface TimeProps {
  /** RFC 3339. */
  readonly at: string | null | undefined;
  readonly show?: 'relative' | 'day' | 'minute' | 'second';
}

/** A moment in the reader's zone, whole in its title. */
export function Time({ at, show = 'minute' }: TimeProps) {
  const now = useNow();
  if (at === null || at === undefined || at === '') return <span className="muted">–</span>;
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return <span>{at}</span>;
  const text = show === 'relative' ? relativeTime(date, now) : localTime(date, show);
  const title = `${wholeTime(date)} (${relativeTime(date, now)})`;
  return (
    <time dateTime={at} title={title} className="number">
      {text}
    </time>
  );
}
