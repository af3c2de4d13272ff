import { hasCode, toAppError } from '@sealtrack/errors/app-error';

/** Makes a call to one server, or to another one where that cannot be reached or answers nothing now. */
export type FirstThatAnswers<Client> = <Answer>(call: (client: Client) => Promise<Answer>) => Promise<Answer>;

/**
 * Of several servers of the same kind, the one that has answered last is asked first. Only for calls that may be made
 * twice: what became of the first one is not known. Fails with what the last one said. @param clients one at least.
 */
export function createFirstThatAnswers<Client>(clients: readonly Client[]): FirstThatAnswers<Client> {
  let preferred = 0;
  return async (call) => {
    let failure: unknown;
    const first = preferred;
    for (let turn = 0; turn < clients.length; turn += 1) {
      const index = (first + turn) % clients.length;
      try {
        const answer = await call(clients[index] as Client);
        preferred = index;
        return answer;
      } catch (error) {
        failure = error;
        if (!isAway(error)) break;
      }
    }
    throw failure;
  };
}

/** Sealed, shutting down, cut off from what it needs: each may be so of one server alone. */
const isAway = (error: unknown): boolean =>
  toAppError(error).grpcStatus === 'UNAVAILABLE' || hasCode(error, 'DEADLINE_EXCEEDED');
