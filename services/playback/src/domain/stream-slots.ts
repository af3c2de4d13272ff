import { createHash } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';

/** How many streams each ticket has, and may have. */
export interface StreamSlots {
  /** Takes one. @throws AppError TOO_MANY_CALLS. The result gives it back, once, however often it is called. */
  take(ticket: string): () => void;
}

export function createStreamSlots(most: number): StreamSlots {
  const taken = new Map<string, number>();
  return {
    take(ticket) {
      // Not the ticket itself, which is as good as a password.
      const key = createHash('sha256').update(ticket).digest('base64');
      const count = taken.get(key) ?? 0;
      if (count >= most)
        throw new AppError('TOO_MANY_CALLS', `The ticket is used for ${most} streams already`, {
          fix: 'End one of them, or have another ticket made.',
          details: { retry_after_ms: '1000' },
        });
      taken.set(key, count + 1);
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        const left = (taken.get(key) ?? 1) - 1;
        if (left === 0) taken.delete(key);
        else taken.set(key, left);
      };
    },
  };
}
