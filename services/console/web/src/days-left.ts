const DAY_MS = 24 * 60 * 60 * 1000;

export const SOON_DAYS = 30;
export const URGENT_DAYS = 7;

export interface DaysLeft {
  /** Whole days; negative once it has ended. */
  readonly days: number;
  readonly urgency: 'none' | 'soon' | 'urgent' | 'ended';
  readonly text: string;
}

/** How long a certificate still is valid. On its last day that is less than one. */
export function daysLeft(notAfter: Date, now: Date): DaysLeft {
  const left = notAfter.getTime() - now.getTime();
  if (left <= 0) {
    const ago = Math.floor(-left / DAY_MS);
    return {
      days: -ago - 1,
      urgency: 'ended',
      text: ago === 0 ? 'expired today' : `expired ${count(ago)} ago`,
    };
  }
  const days = Math.floor(left / DAY_MS);
  const urgency = days <= URGENT_DAYS ? 'urgent' : days <= SOON_DAYS ? 'soon' : 'none';
  return { days, urgency, text: days === 0 ? 'last day' : `${count(days)} left` };
}

const count = (days: number): string => (days === 1 ? '1 day' : `${days.toLocaleString('en')} days`);
