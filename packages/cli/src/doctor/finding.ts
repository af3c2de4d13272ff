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

const MARKS = { ok: 'ok   ', warning: 'note ', problem: 'WRONG' } as const;

export const describeFinding = ({ state, what, facts, fix }: Finding): string =>
  `${MARKS[state]}  ${what}: ${printable(facts)}${fix === undefined ? '' : `\n       fix: ${printable(fix)}`}`;
