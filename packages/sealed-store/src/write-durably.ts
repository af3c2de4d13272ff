import { AppError } from '@sealtrack/errors/app-error';
import type { RedisClient } from '@sealtrack/redis/connect';
import { isUnavailable } from '@sealtrack/redis/is-unavailable';

type Pipeline = ReturnType<RedisClient['pipeline']>;
type Answer = readonly [Error | null, unknown];

export interface DurableOptions {
  /** How many replicas must have a write before it counts. Default 0. */
  readonly replicas?: number | undefined;
}

/** Less than a command may take: see connectRedis. */
const TIMEOUT_MS = 3_000;
const NOT_ASKED: Answer = [null, undefined];

/**
 * Makes one write, and resolves when it is on the disk of Redis, and of as many replicas as are asked for (WAITAOF).
 *
 * A Redis before 7.2 has no WAITAOF. There the settings are looked at instead: with `appendonly yes` and `appendfsync
 * always` a write is on disk before it is answered. Where this user may not read them (CONFIG), Redis has to be believed.
 * Of replicas such a Redis tells only that they have the write (WAIT), not that it is on their disks.
 * @returns what the write answered.
 */
export async function writeDurably(
  client: RedisClient,
  { replicas = 0 }: DurableOptions,
  write: (pipeline: Pipeline) => Pipeline,
): Promise<unknown> {
  // In one pipeline, because these answer for the writes of their own connection, and a reconnect makes a new one.
  const pipeline = write(client.pipeline()).call('WAITAOF', 1, replicas, TIMEOUT_MS);
  if (replicas > 0) pipeline.call('WAIT', replicas, TIMEOUT_MS);
  const [written = NOT_ASKED, synced = NOT_ASKED, replicated = NOT_ASKED] = (await pipeline.exec()) ?? [];
  if (written[0]) throw written[0];
  if (isUnknownCommand(synced)) {
    await checkSettings(client);
    if (replicas > 0) check(replicated, Number(replicated[1]) >= replicas, replicas);
  } else {
    const [local = 0, remote = 0] = Array.isArray(synced[1]) ? synced[1].map(Number) : [];
    check(synced, local >= 1 && remote >= replicas, replicas);
  }
  return written[1];
}

const isUnknownCommand = ([error]: Answer): boolean =>
  error !== null && /^ERR unknown command/i.test(error.message);

function check([error]: Answer, confirmed: boolean, replicas: number): void {
  if (error === null && confirmed) return;
  if (error !== null && isUnavailable(error)) throw error;
  const where = replicas === 0 ? 'on its disk' : `on its disk and with ${replicas} replicas`;
  throw notDurable(`Redis did not confirm that the write is ${where}`, error);
}

async function checkSettings(client: RedisClient): Promise<void> {
  const answer = await client.config('GET', 'append*').catch((error: Error) => {
    if (/^(NOPERM|ERR unknown command)/i.test(error.message)) return undefined;
    throw error;
  });
  if (!Array.isArray(answer)) return;
  const setting = (name: string) => answer[answer.indexOf(name) + 1];
  if (setting('appendonly') !== 'yes' || setting('appendfsync') !== 'always')
    throw notDurable('Redis acknowledges what is not on its disk yet');
}

const notDurable = (message: string, cause?: unknown) =>
  new AppError('SEALED_STORE_UNAVAILABLE', message, {
    fix: 'Run Redis with "appendonly yes" and "appendfsync always", check its disk and its replicas, then try again.',
    cause: cause ?? undefined,
  });
