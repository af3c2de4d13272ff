/** Which requests were answered here, for as long as they could come again. */
export interface SeenRequests {
  /** Whether it comes for the first time; and from now on it does not. False, too, when no more of them can be kept in mind. */
  isNew(requestId: string): boolean;
}

export interface SeenRequestsOptions {
  readonly keepMs: number;
  /** Some 150 bytes each. */
  readonly max: number;
  readonly now?: () => number;
}

export function createSeenRequests({ keepMs, max, now = Date.now }: SeenRequestsOptions): SeenRequests {
  /** Until when; the oldest first. */
  const seen = new Map<string, number>();
  return {
    isNew(requestId) {
      for (const [id, until] of seen) {
        if (until > now()) break;
        seen.delete(id);
      }
      if (seen.has(requestId) || seen.size >= max) return false;
      seen.set(requestId, now() + keepMs);
      return true;
    },
  };
}
