const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Clocks differ: nobody is to wait before a certificate can be used. */
const BACKDATED_MS = 5 * MINUTE_MS;

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** From now on for so many days, in whole seconds. */
export function validFor(days: number, now: Date): Validity {
  const second = Math.floor(now.getTime() / 1000) * 1000;
  return { notBefore: new Date(second - BACKDATED_MS), notAfter: new Date(second + days * DAY_MS) };
}

/** How long a certificate is valid, in whole days, at least one. */
export const daysOf = ({ notBefore, notAfter }: { notBefore: number; notAfter: number }): number =>
  Math.max(1, Math.round((notAfter - notBefore) / DAY_MS));
