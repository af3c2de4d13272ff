import { setTimeout as delay } from 'node:timers/promises';
import type { Access } from '@sealtrack/access/access';
import { AppError } from '@sealtrack/errors/app-error';
import type { Transport } from '@sealtrack/tls/tls';
import { z } from 'zod';
import { type ConfigOf, type ConfigTree, parseConfig, setting, settingsOf } from './config.ts';
import { hostAndPort } from './config-types.ts';
import { createLogger, LOG_LEVELS, type Log, type ProcessLog } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { accessPolicySetting, type OpenAccess, openAccess } from './open-access.ts';
import { type OpenTransport, openTransport } from './open-transport.ts';
import { type ProcessMetrics, startMetrics } from './start-metrics.ts';
import { giveBackMemory } from './steady-memory.ts';
import { tlsSettings } from './tls-settings.ts';

export interface ServiceContext {
  readonly log: Log;
  readonly metrics: Metrics;
  /** How every connection of this service is secured. */
  readonly transport: Transport;
  /** Who may do what, by the policy as it is now. */
  readonly access: Access;
  /** Aborted when the process was asked to stop: a start that waits for something gives up then. */
  readonly signal: AbortSignal;
}

/** A started service. Disposing it drains: no new work, and what is in flight ends or is given back. */
export interface RunningService extends AsyncDisposable {
  /** Where it listens, by protocol: {"grpc": "127.0.0.1:7001"}. */
  readonly addresses: Readonly<Record<string, string>>;
}

export interface Service<Tree extends ConfigTree> {
  readonly name: string;
  readonly config: Tree;
  /** Tries for --check-config what can be tried without starting, such as files that are named. */
  check?(config: ConfigOf<Tree>, log: Log): Promise<void>;
  start(config: ConfigOf<Tree>, context: ServiceContext): Promise<RunningService>;
}

/** How long a service may drain, in milliseconds; Kubernetes and compose are told a little more. */
const DRAIN_MS = 30_000;
/**
 * What a start that is asked to stop may take to notice, in milliseconds: it may be waiting for something that knows
 * no signal, and nobody relies on it yet.
 */
const UNSTARTED_MS = 2_000;
/** One Ctrl-C may come as several signals: from the terminal to the group, and from whoever started this process. */
const SAME_REQUEST_MS = 500;

const ownSettings = {
  logLevel: setting(
    'SEALTRACK_LOG_LEVEL',
    z.enum(LOG_LEVELS, `is none of ${LOG_LEVELS.join(', ')}`).default('info'),
    'the least grave lines to log, "info" unless told',
  ),
  metricsListen: setting(
    'SEALTRACK_METRICS_LISTEN',
    hostAndPort.optional(),
    'where to serve Prometheus metrics, such as 127.0.0.1:9464, over HTTPS, or HTTP with SEALTRACK_TLS=off; nowhere unless told',
  ),
  tls: tlsSettings,
  accessPolicy: accessPolicySetting,
};

function help(name: string, tree: ConfigTree): string {
  const lines = settingsOf({ tree, ownSettings }).flatMap((known) => [
    `  ${[known.name, ...known.alsoNamed].join(' or ')}`,
    `      ${known.means}`,
  ]);
  return [`${name} [--check-config]`, '', 'It is configured by its environment:', ...lines, ''].join('\n');
}

/** What whoever started the process is told of why it does not. */
export function explain(name: string, error: unknown): string {
  if (!(error instanceof AppError)) return String(error);
  const problems = Object.entries(error.details).map(([variable, problem]) => `  ${variable} ${problem}`);
  return [`${name}: ${error.message}`, ...problems, error.fix, ''].join('\n');
}

/** Parses the command line and the environment; ends the process when there is nothing to start. */
async function readConfig<Tree extends ConfigTree>({ name, config, check }: Service<Tree>) {
  const [argument, ...more] = process.argv.slice(2);
  if (argument === '--help') {
    process.stdout.write(help(name, config));
    process.exit(0);
  }
  if ((argument !== undefined && argument !== '--check-config') || more.length > 0) {
    process.stderr.write(`${name}: it takes --check-config or --help, and nothing else\n`);
    process.exit(1);
  }
  try {
    const values = parseConfig({ service: config, own: ownSettings }, process.env);
    if (argument === undefined) return values;
    const silent = createLogger({ service: name, level: 'silent' });
    using secured = await openTransport(values.own.tls, silent);
    (await openAccess(values.own.accessPolicy, secured.transport, silent))[Symbol.dispose]();
    await check?.(values.service as ConfigOf<Tree>, silent);
    process.stdout.write(`${name}: the configuration is valid\n`);
    process.exit(0);
  } catch (error) {
    process.stderr.write(explain(name, error));
    process.exit(1);
  }
}

/** Aborted at the first request to stop. A second one, or a drain that takes too long, ends the process. */
function stopSignal(log: ProcessLog): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    if (!controller.signal.aborted) {
      first = performance.now();
      log.info({ signal }, 'stopping');
      setTimeout(() => {
        log.fatal({ ms: DRAIN_MS }, 'ended by force: draining took too long');
        process.exit(1);
      }, DRAIN_MS).unref();
      controller.abort();
    } else if (performance.now() - first > SAME_REQUEST_MS) {
      log.fatal({ signal }, 'ended by force: asked a second time');
      process.exit(1);
    }
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return controller.signal;
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/**
 * Runs a service to the end of its process. Exit code 0: it was asked to stop and drained. 1: its configuration is
 * not valid (every problem is on standard error), it could not start, it crashed (any unhandled error; the cause is
 * in the log), it was asked twice, or it did not drain in 30 s. When it is ready it logs one line
 * {"msg":"ready","service":…,"addresses":{…}}.
 */
export async function runService<Tree extends ConfigTree>(service: Service<Tree>): Promise<never> {
  const config = await readConfig(service);
  const log = createLogger({ service: service.name, level: config.own.logLevel });
  const crash = (err: unknown) => {
    log.fatal({ err }, 'crashed');
    process.exit(1);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  const signal = stopSignal(log);
  // A service may at times wait on nothing that keeps a process alive.
  setInterval(() => {}, 2 ** 30);

  let secured: OpenTransport | undefined;
  let opened: OpenAccess | undefined;
  let processMetrics: ProcessMetrics | undefined;
  let running: RunningService | undefined;
  try {
    const { tls, accessPolicy } = config.own;
    secured = await openTransport(tls, log, { isOpenToAll: accessPolicy === undefined });
    const { transport } = secured;
    opened = await openAccess(accessPolicy, transport, log);
    processMetrics = await startMetrics(config.own.metricsListen, transport, log);
    secured.measure(processMetrics.metrics);
    const starting = service.start(config.service as ConfigOf<Tree>, {
      log,
      metrics: processMetrics.metrics,
      transport,
      access: opened.access,
      signal,
    });
    const givenUp = aborted(signal).then(() => delay(UNSTARTED_MS, undefined));
    running = await Promise.race([starting, givenUp]);
  } catch (err) {
    if (!signal.aborted) {
      log.fatal({ err }, 'could not start');
      process.exit(1);
    }
  }
  if (running !== undefined && !signal.aborted) {
    giveBackMemory();
    log.info({ addresses: { ...running.addresses, ...processMetrics?.addresses } }, 'ready');
  }
  await aborted(signal);
  try {
    await running?.[Symbol.asyncDispose]();
    await processMetrics?.[Symbol.asyncDispose]();
    opened?.[Symbol.dispose]();
    secured?.[Symbol.dispose]();
  } catch (err) {
    log.fatal({ err }, 'did not stop cleanly');
    process.exit(1);
  }
  log.info({}, 'stopped');
  process.exit(0);
}
