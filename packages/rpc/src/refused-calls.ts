import type { RefusalReason } from './call-limits.ts';
import type { RpcLog } from './log.ts';

/** Says whose calls were refused, however many there are: a flood of calls is no flood of lines. */
export interface RefusedCalls extends Disposable {
  say(caller: string, reason: RefusalReason): void;
}

const EVERY_MS = 10_000;
const MAX_CALLERS = 100;

/** A caller's first within ten seconds at once, and then how many there were besides. */
export function createRefusedCalls(log: RpcLog): RefusedCalls {
  const more = new Map<string, { readonly caller: string; readonly reason: RefusalReason; count: number }>();
  let others = 0;
  let timer: NodeJS.Timeout | undefined;

  function sayCounts(): void {
    timer = undefined;
    for (const fields of more.values())
      if (fields.count > 0) log.warn(fields, 'so many more of its calls were refused');
    if (others > 0) log.warn({ count: others }, 'so many calls of other callers were refused');
    more.clear();
    others = 0;
  }

  return {
    say(caller, reason) {
      timer ??= setTimeout(sayCounts, EVERY_MS).unref();
      const known = more.get(`${reason} ${caller}`);
      if (known !== undefined) known.count += 1;
      else if (more.size >= MAX_CALLERS) others += 1;
      else {
        more.set(`${reason} ${caller}`, { caller, reason, count: 0 });
        log.warn({ caller, reason }, 'a call was refused');
      }
    },
    [Symbol.dispose]() {
      if (timer === undefined) return;
      clearTimeout(timer);
      sayCounts();
    },
  };
}
