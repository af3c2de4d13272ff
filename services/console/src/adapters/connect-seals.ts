import { SealServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/seal/v1/seal';
import { connectRpc } from '@sealtrack/rpc/client';
import type { Transport } from '@sealtrack/tls/tls';
import type { SealState } from '../api/live.ts';
import type { AskSeals } from '../live-state.ts';

const STATES: Readonly<Record<string, SealState['state']>> = {
  STATE_OPEN: 'open',
  STATE_SEALED: 'sealed',
  STATE_UNINITIALIZED: 'uninitialized',
};
/** Whoever looks waits no longer for one that is away. */
const ANSWER_MS = 2_000;

/** The seals of the crypto servers. Connected to at the first question. */
export function connectSeals(
  addresses: readonly string[],
  transport: Transport,
): { readonly askSeals: AskSeals } & AsyncDisposable {
  const stack = new AsyncDisposableStack();
  const servers = addresses.map((server) => ({
    ...{ server, client: stack.use(connectRpc(SealServiceDefinition, server, { transport })) },
  }));
  return {
    askSeals: (call) =>
      Promise.all(
        servers.map(async ({ server, client }): Promise<SealState> => {
          const answer = await client
            .getSealStatus({}, { ...call, deadlineMs: ANSWER_MS })
            .catch(() => undefined);
          return { server, state: STATES[answer?.status?.state ?? ''] ?? 'unknown' };
        }),
      ),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
