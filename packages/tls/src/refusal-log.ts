import type { TlsLog } from './tls.ts';

/** Says who was refused, however many try: strangers must not be able to fill a disk. */
export interface RefusalLog extends Disposable {
  say(level: 'info' | 'warn', fields: object, message: string): void;
}

/** So many lines at once; after that, one a second and how many there were besides. */
const BURST = 100;
const REFILL_MS = 1_000;
const COUNT_MS = 10_000;

export function createRefusalLog(log: TlsLog, now: () => number): RefusalLog {
  let left = BURST;
  let filledAt = now();
  let unsaid = 0;
  let timer: NodeJS.Timeout | undefined;
  const sayCount = () => {
    timer = undefined;
    log.warn({ count: unsaid }, 'so many more peers were refused, or failed in their handshake');
    unsaid = 0;
  };
  return {
    say(level, fields, message) {
      const refill = Math.max(0, Math.floor((now() - filledAt) / REFILL_MS));
      left = Math.min(BURST, left + refill);
      filledAt += refill * REFILL_MS;
      if (left > 0) {
        left -= 1;
        log[level](fields, message);
        return;
      }
      unsaid += 1;
      timer ??= setTimeout(sayCount, COUNT_MS).unref();
    },
    [Symbol.dispose]() {
      if (timer === undefined) return;
      clearTimeout(timer);
      sayCount();
    },
  };
}
