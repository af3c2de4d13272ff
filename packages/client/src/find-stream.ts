import type { DecryptMediaRequest } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { AppError, toAppError } from '@sealtrack/errors/app-error';
import { judgeFailure, retryAfterMs } from './judge-failure.ts';
import { type CallFacts, type MediaStream, openStream, type Server } from './open-stream.ts';
import type { Standings } from './standings.ts';

export interface FindStreamDeps {
  readonly standings: Standings<Server>;
  /** Overall, until there is a header; also for further bytes, once there was one. */
  readonly firstByteMs: number;
  /** For how long servers that are away are asked again, before anything came. */
  readonly retryMs: number;
  readonly now: () => number;
  readonly log: ClientLog;
}

/** What the client has to say of servers that fail. */
export interface ClientLog {
  warn(fields: object, message: string): void;
}

export interface Wanted {
  readonly request: DecryptMediaRequest;
  readonly call: CallFacts;
  /** What a stream failed with that is to be gone on with. */
  readonly failed?: { readonly server: Server; readonly error: AppError } | undefined;
}

/** Calls one server after the other until one answers. @throws AppError what the last one said. */
export type FindStream = (wanted: Wanted) => Promise<MediaStream>;

/** Between two rounds through all servers: short enough for one that restarts, and longer each time. */
const PAUSES_MS = [100, 200, 400, 800];
/** While there are others, a server may take this long to answer before they are asked; half of what is left, if that is more. */
const PATIENCE_MS = 1_000;

export function createFindStream(deps: FindStreamDeps): FindStream {
  const { standings, firstByteMs, retryMs, now, log } = deps;
  return async ({ request, call, failed }) => {
    const { signal } = call;
    const deadline = now() + firstByteMs;
    // Of what has begun already, nobody has to be told soon.
    const lastRound = failed === undefined ? now() + Math.min(retryMs, firstByteMs) : deadline;
    const left = new Set(standings.inOrder(mediaOf(request)));
    let last: AppError | undefined;

    const note = (server: Server, error: AppError): void => {
      if (signal?.aborted) throw error;
      const before = last;
      last = error;
      const verdict = judgeFailure(error);
      // The ticket for one use was used by the call that failed before: that is what there is to say.
      if (verdict === 'final') throw isUsedUp(error) ? (before ?? error) : error;
      log.warn(
        { server: server.address, err: error },
        'a crypto server failed: others are asked, if there are',
      );
      if (verdict === 'elsewhere') left.delete(server);
      else if (verdict === 'busy') standings.refused(server, error, retryAfterMs(error));
      else standings.failed(server);
    };
    if (failed !== undefined) note(failed.server, failed.error);

    for (let round = 0; ; round += 1) {
      const servers = standings.inOrder(mediaOf(request)).filter((server) => left.has(server));
      const refusals: number[] = [];
      for (const [i, server] of servers.entries()) {
        const refusal = standings.refusal(server);
        if (refusal !== undefined) {
          refusals.push(refusal.ms);
          last ??= refusal.error;
          continue;
        }
        const remaining = deadline - now();
        if (remaining <= 0) break;
        const isLast = i === servers.length - 1;
        const patienceMs = isLast ? remaining : Math.min(remaining, Math.max(PATIENCE_MS, remaining / 2));
        try {
          const options = { ...call, patienceMs, silenceMs: firstByteMs };
          const stream = await openStream(server, request, options);
          standings.answered(server);
          return stream;
        } catch (error) {
          note(server, toAppError(error));
        }
      }
      const pauseMs = nextPause(round, refusals, servers.length);
      if (left.size === 0 || now() + pauseMs >= Math.min(deadline, lastRound))
        throw last ?? tooLate(firstByteMs);
      await pause(pauseMs, signal);
    }
  };
}

const isUsedUp = ({ code, details }: AppError): boolean =>
  code === 'TICKET_INVALID' && details.reason === 'used';

/** When all servers are busy, until the first one is not; otherwise shortly. */
function nextPause(round: number, refusals: readonly number[], servers: number): number {
  const pauseMs = PAUSES_MS[Math.min(round, PAUSES_MS.length - 1)] ?? 0;
  return refusals.length === servers ? Math.min(...refusals) : pauseMs;
}

const mediaOf = ({ tenantId, recordingId, mediaId }: DecryptMediaRequest): string =>
  `${tenantId}/${recordingId}/${mediaId}`;

const tooLate = (ms: number): AppError =>
  new AppError('DEADLINE_EXCEEDED', `No crypto server answered within ${ms / 1000} s`, {
    fix: 'Make the same call again; if it stays so, look at the logs of the crypto servers.',
  });

/** @throws AppError CANCELLED. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const abort = () => resolve();
  signal?.addEventListener('abort', abort, { once: true });
  if (!signal?.aborted) await promise;
  clearTimeout(timer);
  signal?.removeEventListener('abort', abort);
  if (signal?.aborted)
    throw new AppError('CANCELLED', 'The call was cancelled here', {
      fix: 'Nothing, if that was meant. Otherwise make the same call again.',
      cause: signal.reason,
    });
}
