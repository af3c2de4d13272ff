import type { Chain } from './chain-state.ts';
import { chainText, type Problems, recordsText } from './problems.ts';

/**
 * A server that runs makes a checkpoint within seconds of a record, or gives its chain up. So where one was killed nobody wrote
 * on in its chain for longer than this, whatever the clock of the broker did meanwhile.
 */
const LONGEST_MS = 5 * 60_000;

/** Of a chain without its end: what is behind its last checkpoint, anybody who can write the log may have put there. */
export function judgeEnd(chain: Chain, problems: Problems): void {
  if (chain.end !== undefined) return;
  const unvouched = [...chain.recent].filter(([, { isMark }]) => !isMark);
  const [first] = unvouched;
  if (first === undefined) return;
  const until = first[1].place.time.getTime() + LONGEST_MS;
  const late = unvouched.find(([, { place }]) => place.time.getTime() > until);
  if (late === undefined) return;
  const [number, { place }] = late;
  const text = `${recordsText(number, chain.last)} of ${chainText(chain.chain)} came minutes after its server had made its last checkpoint`;
  problems.add('inserted', place, `${text.charAt(0).toUpperCase()}${text.slice(1)}`, {
    chain: chain.chain,
    records: [number, chain.last],
  });
}
