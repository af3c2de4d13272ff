import type { Route } from '../../src/api/routes.ts';
import type { Answers, Bodies } from './answers.ts';
import { isAttended } from './attention.ts';
import { readProblem, unreachable } from './problem-error.ts';

type Names<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | Names<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

/** What stands in the path of a route, by name. */
export type PathOf<R extends Route> = { readonly [Name in Names<R>]: string };

type Query = Readonly<Record<string, string | undefined>>;

export interface AskOptions<R extends Route> {
  readonly query?: Query;
  readonly body?: R extends keyof Bodies ? Bodies[R] : never;
  readonly signal?: AbortSignal;
}

/** What the session has given to be sent back with every change. */
let csrfToken = '';

export function rememberCsrfToken(token: string): void {
  csrfToken = token;
}

/** The address of a route, such as of a download or a stream. Empty values of a query are left out. */
export function addressOf<R extends Route>(route: R, path: PathOf<R>, query: Query = {}): string {
  const [, template = ''] = route.split(' ');
  const values: Readonly<Record<string, string>> = path;
  const filled = template.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
  const asked = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  ).toString();
  return `/api/v1${filled}${asked === '' ? '' : `?${asked}`}`;
}

/** Asks the console. Throws ProblemError, and AbortError once `signal` has fired. */
export async function ask<R extends Route & keyof Answers>(
  route: R,
  path: PathOf<R>,
  { query, body, signal }: AskOptions<R> = {},
): Promise<Answers[R]> {
  const [method = 'GET'] = route.split(' ');
  const response = await send(addressOf(route, path, query), {
    method,
    headers: {
      accept: 'application/json',
      ...(method === 'GET' ? {} : { 'x-csrf-token': csrfToken }),
      ...(method === 'GET' && !isAttended() ? { 'x-background': '1' } : {}),
      ...(body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (!response.ok) throw await readProblem(response);
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as Answers[R];
}

/** `fetch` as this console is asked, whatever is answered. Throws ProblemError where nothing is, and AbortError. */
export async function send(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, {
      ...init,
      credentials: 'same-origin',
      redirect: 'error',
      cache: 'no-store',
    });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw unreachable(error);
  }
}
