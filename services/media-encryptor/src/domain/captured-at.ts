/**
 * When a recording was handed over, of which a pipeline says that it was at `said`: its clock may be wrong, but what is to come it
 * cannot know.
 */
export const capturedAt = (said: Date, now: Date): Date =>
  said.getTime() >= 0 && said.getTime() <= now.getTime() ? said : now;
