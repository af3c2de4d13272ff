import { createHash } from 'node:crypto';
import type { AppError } from '@sealtrack/errors/app-error';

/** For so long a server that failed is the last to be asked. */
const FAILED_FOR_MS = 5_000;

/** Which of several servers is to be asked first, by what was met before. */
export interface Standings<Server> {
  /**
   * All of them. For the same media the same one is first, since it may have the session key; those that failed lately are
   * last, the one that has had the longest to recover before the others.
   */
  inOrder(media: string): Server[];
  failed(server: Server): void;
  answered(server: Server): void;
  /** It refused with this, and does not want to be asked for so many milliseconds. */
  refused(server: Server, error: AppError, ms: number): void;
  /** For how many milliseconds it is to be left alone, and with what it said so. */
  refusal(server: Server): { readonly ms: number; readonly error: AppError } | undefined;
}

export function createStandings<Server extends { readonly address: string }>(
  servers: readonly Server[],
  now: () => number,
): Standings<Server> {
  const failedAt = new Map<Server, number>();
  const refusals = new Map<Server, { readonly until: number; readonly error: AppError }>();
  const lastFailure = (server: Server): number => {
    const at = failedAt.get(server) ?? Number.NEGATIVE_INFINITY;
    return now() - at < FAILED_FOR_MS ? at : Number.NEGATIVE_INFINITY;
  };
  return {
    inOrder: (media) =>
      servers
        .map((server) => ({ server, failed: lastFailure(server), weight: weigh(server.address, media) }))
        // The difference of two infinities is no number.
        .sort((a, b) => (a.failed === b.failed ? b.weight - a.weight : a.failed - b.failed))
        .map(({ server }) => server),
    failed: (server) => void failedAt.set(server, now()),
    answered(server) {
      failedAt.delete(server);
      refusals.delete(server);
    },
    refused: (server, error, ms) => void refusals.set(server, { error, until: now() + ms }),
    refusal(server) {
      const refusal = refusals.get(server);
      if (refusal === undefined || refusal.until <= now()) return undefined;
      return { ms: refusal.until - now(), error: refusal.error };
    },
  };
}

/** Rendezvous hashing: with a server more or less, only the media that were or will be its own change places. */
const weigh = (address: string, media: string): number =>
  createHash('sha256').update(`${address}\n${media}`).digest().readUIntBE(0, 6);
