import { daysLeft } from '../days-left.ts';
import { useNow } from '../use-now.ts';
import { Badge } from './badge.tsx';

const TONES = { none: 'plain', soon: 'warning', urgent: 'bad', ended: 'bad' } as const;

/** How long something is still valid: amber from 30 days on, red from 7. */
export function DaysLeft({ notAfter }: { readonly notAfter: string }) {
  const { text, urgency } = daysLeft(new Date(notAfter), useNow());
  if (urgency === 'none') return <span className="muted number">{text}</span>;
  return <Badge tone={TONES[urgency]}>{text}</Badge>;
}
