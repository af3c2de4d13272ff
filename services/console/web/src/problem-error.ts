import type { Problem } from '../../src/api/problem.ts';

/** A failure that the console has told of, or that it could not be asked at all. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.title, options);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

export type Code = Problem['code'];

/** The code of a failure; undefined of what is no answer of the console. */
export const codeOf = (error: unknown): Code | undefined =>
  error instanceof ProblemError ? error.problem.code : undefined;

/** The console itself did not answer. */
export const isUnreachable = (error: unknown): boolean =>
  error instanceof ProblemError && error.problem.status === 0;

/** Another try a little later may go well. */
export const isTransient = (error: unknown): boolean =>
  error instanceof ProblemError && [0, 502, 503, 504].includes(error.problem.status);

export const unreachable = (cause: unknown): ProblemError =>
  new ProblemError(
    {
      type: 'urn:sealtrack:error:SERVICE_UNAVAILABLE',
      title: 'The console cannot be reached',
      status: 0,
      code: 'SERVICE_UNAVAILABLE',
      fix: 'See whether it runs, and the network between. This page goes on by itself once it answers.',
      traceId: '',
    },
    { cause },
  );

/**
 * The problem that an answer tells. What is between here and the console, a proxy say, tells its failures in a form of its
 * own: of that, its status is all there is.
 */
export async function readProblem(response: Response): Promise<ProblemError> {
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') === true;
  const told: unknown = isProblem ? await response.json().catch(() => undefined) : undefined;
  if (isProblemBody(told)) return new ProblemError({ ...told, status: response.status });
  const isAway = response.status >= 502 && response.status <= 504;
  return new ProblemError({
    type: `urn:sealtrack:error:${isAway ? 'SERVICE_UNAVAILABLE' : 'INTERNAL'}`,
    title: `The answer was ${response.status} ${response.statusText}`.trim(),
    status: response.status,
    code: isAway ? 'SERVICE_UNAVAILABLE' : 'INTERNAL',
    fix: 'It came from something between this browser and the console, or from a console of another version: load the page anew.',
    traceId: '',
  });
}

const isProblemBody = (told: unknown): told is Problem =>
  typeof told === 'object' &&
  told !== null &&
  'code' in told &&
  'title' in told &&
  'fix' in told &&
  typeof told.title === 'string';

/** What this page itself has found wrong, in the form of what the console tells. */
export const refusal = (code: Code, title: string, fix: string): ProblemError =>
  new ProblemError({ type: `urn:sealtrack:error:${code}`, title, status: 400, code, fix, traceId: '' });
