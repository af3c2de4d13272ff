import type { AppError } from '@sealtrack/errors/app-error';
import { printable } from '../output.ts';

/** One thing that was looked at. Only a problem makes `sealtrack doctor` fail. */
export interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'warning' | 'problem';
  readonly facts: string;
  /** The next step, when there is one to take. */
  readonly fix?: string;
}

export const ok = (what: string, facts: string): Finding => ({ what, state: 'ok', facts });
export const warning = (what: string, facts: string, fix: string): Finding => ({
  ...{ what, state: 'warning', facts, fix },
});
export const problem = (what: string, facts: string, fix: string): Finding => ({
  ...{ what, state: 'problem', facts, fix },
});

/** Nothing is wrong with what was to be looked at: whoever looks may not see all of it. */
export const mayNotLook = (what: string, seen: string, { message, fix }: AppError): Finding =>
  warning(what, `${seen}, and not looked into: ${message}`, fix);

const MARKS = { ok: 'ok   ', warning: 'note ', problem: 'WRONG' } as const;

export const describeFinding = ({ state, what, facts, fix }: Finding): string =>
  `${MARKS[state]}  ${what}: ${printable(facts)}${fix === undefined ? '' : `\n       fix: ${printable(fix)}`}`;
