import { JetStreamApiError, type StreamConfig } from '@nats-io/jetstream';
import { AppError } from '@sealtrack/errors/app-error';
import type { Bus } from './bus.ts';
import { busError, isFinal, isForbidden, isStreamMissing } from './bus-errors.ts';
import { STREAM_PLANS, type StreamPlan } from './stream-configs.ts';
import { pause, untilConnected } from './wait.ts';

export interface StreamsOptions {
  /** Copies of each stream in a JetStream cluster, for streams made here: 1 (the default), 3 or 5. */
  readonly replicas?: number;
}

const NAME_IN_USE = 10_058;
const TRY_FOR_MS = 15_000;
/** The broker answers API requests with 503 while it recovers its streams. */
const BETWEEN_TRIES_MS = 200;

const watched = new WeakSet<Bus>();

/**
 * Makes every stream and bucket that is missing, and puts right in the others what correctness rests on. Limits,
 * replicas and placement of a stream that exists are the operator's. Any number of processes may do this at once.
 *
 * Where the bus has users with permissions (deploy/nats/users.conf), each makes those that it may: a stream that is missing
 * and another's to make is said of in the log.
 *
 * A broker forgets memory streams when it restarts, so the same is done after each reconnect of this bus.
 * Errors: BUS_UNAVAILABLE, CONFIG_INVALID (a stream exists and cannot become what it must be), STORE_FULL.
 */
export async function ensureStreams(bus: Bus, options: StreamsOptions = {}): Promise<void> {
  for (const plan of STREAM_PLANS) await ensureStream(bus, plan, options.replicas ?? 1);
  if (watched.has(bus)) return;
  watched.add(bus);
  bus.link.onChange((connected) => {
    if (!connected) return;
    ensureStreams(bus, options).catch((err) =>
      bus.link.log.error({ err }, 'The streams could not be ensured'),
    );
  });
}

async function ensureStream(bus: Bus, plan: StreamPlan, replicas: number): Promise<void> {
  const deadline = performance.now() + TRY_FOR_MS;
  for (;;) {
    try {
      return await tryEnsureStream(bus, plan, replicas);
    } catch (error) {
      const left = deadline - performance.now();
      // Another process made it between our look and our creation: look again.
      const raced = error instanceof JetStreamApiError && error.code === NAME_IN_USE;
      if (
        left <= 0 ||
        error instanceof AppError ||
        (isFinal(error) && !raced) ||
        isForbidden(error) ||
        bus.link.connection.isClosed()
      ) {
        throw busError(bus, `Making the stream ${plan.name}`, error);
      }
      await pause(BETWEEN_TRIES_MS);
      await untilConnected(bus, left);
    }
  }
}

async function tryEnsureStream(bus: Bus, plan: StreamPlan, replicas: number): Promise<void> {
  const { streams } = bus.link.manager;
  const found = await streams.info(plan.name).catch((error: unknown) => {
    if (isStreamMissing(error)) return undefined;
    throw error;
  });
  if (found === undefined) {
    const stream = { ...plan.initial, ...plan.enforced, name: plan.name, num_replicas: replicas };
    return unlessForbidden(bus, plan.name, 'missing', () => streams.add(stream));
  }
  refuseUnchangeable(plan, found.config);
  const wrong = Object.entries(plan.enforced).some(
    ([key, value]) => JSON.stringify(found.config[key as keyof StreamConfig]) !== JSON.stringify(value),
  );
  if (!wrong) return;
  const stream = { ...found.config, ...plan.enforced };
  await unlessForbidden(bus, plan.name, 'not as it must be', () => streams.update(plan.name, stream));
}

/** Who may not make or change a stream leaves it to those who may. What is done with it meanwhile waits, or fails. */
async function unlessForbidden(
  bus: Bus,
  stream: string,
  state: string,
  change: () => Promise<unknown>,
): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (!isForbidden(error)) throw error;
    const whose =
      state === 'missing' ? 'the service that makes it, or an administrator, has' : 'an administrator has';
    bus.link.log.warn(
      { stream, fix: 'sealtrack bus prepare' },
      `The stream is ${state}: ${whose} to put that right, since this process may not (deploy/nats/users.conf)`,
    );
  }
}

function refuseUnchangeable(plan: StreamPlan, found: StreamConfig): void {
  for (const key of ['retention', 'storage'] as const) {
    const wanted = plan.enforced[key];
    if (wanted === undefined || found[key] === wanted) continue;
    throw new AppError('CONFIG_INVALID', `The stream ${plan.name} exists with ${key} "${found[key]}"`, {
      fix: `Move its messages elsewhere and delete it, so that it is made again with ${key} "${wanted}".`,
      details: { stream: plan.name },
    });
  }
}
