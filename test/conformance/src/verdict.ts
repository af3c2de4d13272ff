/** What a case came to. One is printed as one line of JSON. */
export interface Verdict {
  /** Of the case: its file and its number there. */
  readonly id: string;
  /** What the vectors say, in their words. */
  readonly expected: string;
  /** What the product did, in the same words, or one of the two below. */
  readonly got: string;
  readonly ms: number;
  /** Empty where there is nothing to add. */
  readonly reason: string;
}

/** The product refuses by design what the case is about, and did so here; `reason` says what. */
export const NOT_APPLICABLE = 'not applicable';
/** The product did neither of what it may do. Never right, whatever was expected. */
export const ERROR = 'error';

/** Known differences from the vectors, by the id of the case, each with the reason why it stands. */
export type Exceptions = Readonly<Record<string, string>>;

export interface Summary {
  readonly summary: string;
  readonly cases: number;
  readonly passed: number;
  readonly failed: number;
  readonly excepted: number;
  readonly notApplicable: number;
  readonly ms: number;
}

export type Outcome = 'passed' | 'failed' | 'excepted' | 'notApplicable';

/** "acceptable" is what the vectors call a case that may come out either way. */
export function outcomeOf({ id, expected, got }: Verdict, exceptions: Exceptions): Outcome {
  if (got === NOT_APPLICABLE) return 'notApplicable';
  if (got === expected || (expected === 'acceptable' && got !== ERROR)) return 'passed';
  return Object.hasOwn(exceptions, id) ? 'excepted' : 'failed';
}

/** Counts as the verdicts pass, and puts the reason of an exception on the one it is for. */
export function createTally(kind: string, exceptions: Exceptions) {
  const counts: Record<Outcome, number> = { passed: 0, failed: 0, excepted: 0, notApplicable: 0 };
  let cases = 0;
  let ms = 0;
  return {
    add(verdict: Verdict): Verdict {
      const outcome = outcomeOf(verdict, exceptions);
      counts[outcome] += 1;
      cases += 1;
      ms += verdict.ms;
      return outcome === 'excepted' ? { ...verdict, reason: exceptions[verdict.id] ?? '' } : verdict;
    },
    summary: (): Summary => ({ summary: kind, cases, ...counts, ms: rounded(ms) }),
  };
}

/** To a hundredth. */
export const rounded = (ms: number): number => Math.round(ms * 100) / 100;
