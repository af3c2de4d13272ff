import { createHash } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';

/** How many streams each ticket or session has, and may have. */
export interface StreamSlots {
  /** Takes one. @throws AppError TOO_MANY_CALLS. The result gives it back, once, however often it is called. */
  take(holder: string): () => void;
}

/** @param refused what is said when there are that many already. */
export function createStreamSlots(
  most: number,
  refused: { readonly message: string; readonly fix: string },
): StreamSlots {
  const taken = new Map<string, number>();
  return {
    take(holder) {
      // Not the ticket itself, which is as good as a password.
      const key = createHash('sha256').update(holder).digest('base64');
      const count = taken.get(key) ?? 0;
      if (count >= most)
        throw new AppError('TOO_MANY_CALLS', refused.message, {
          fix: refused.fix,
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
