import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { codeOf, isTransient, ProblemError } from './problem-error.ts';

const TRIES = 3;
const AGAIN_MS = 5000;

/**
 * What is shown is asked for anew when a change is told (live-changes.ts) and when the window is looked at again. A session that has ended
 * is noticed with any answer that says so, and the sign-in page shows itself (require-session.tsx).
 */
export function createConsoleQueryClient(): QueryClient {
  const onError = (error: unknown): void => {
    if (codeOf(error) === 'SIGN_IN_NEEDED') void client.invalidateQueries({ queryKey: ['session'] });
    if (error instanceof ProblemError && error.problem.down !== undefined)
      void client.invalidateQueries({ queryKey: ['health'] });
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: (error) => onError(error) }),
    mutationCache: new MutationCache({ onError: (error) => onError(error) }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) => failures < TRIES - 1 && isTransient(error),
        retryDelay: (failures) => 500 * 2 ** failures,
        // A page that could not be filled is once the service is back: nobody has to press anything for it.
        refetchInterval: ({ state: { error } }) => (isTransient(error) ? AGAIN_MS : false),
        // A system on this machine answers without a network.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
  return client;
}
