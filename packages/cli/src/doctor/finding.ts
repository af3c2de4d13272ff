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
