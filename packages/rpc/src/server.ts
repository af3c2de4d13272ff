import { setTimeout as delay } from 'node:timers/promises';
import { readDescriptorSet } from '@sealtrack/contracts/descriptors';
import { AppError } from '@sealtrack/errors/app-error';
import type { Transport } from '@sealtrack/tls/tls';
import {
  createServer,
  type Server,
  type ServiceImplementation,
  type TsProtoServiceDefinition,
} from 'nice-grpc';
import { errorDetailsServerMiddleware } from 'nice-grpc-error-details';
import { HealthDefinition, HealthServiceImpl, HealthState } from 'nice-grpc-server-health';
import { ServerReflection, ServerReflectionService } from 'nice-grpc-server-reflection';
import { shuttingDown } from './call.ts';
import type { CallAccess } from './call-access.ts';
import type { CallLimits, RefusalReason } from './call-limits.ts';
import { type CallObserver, NO_OBSERVER } from './call-observer.ts';
import { withChunkCodec } from './chunk-codec.ts';
import { HEALTH_DESCRIPTOR_SET, HEALTH_SERVICE } from './health-descriptor.ts';
import { callInterceptor } from './interceptor.ts';
import { limitPeople } from './limit-people.ts';
import { createLimiter } from './limiter.ts';
import type { RpcLog } from './log.ts';
import { isOwnCall } from './own-call.ts';
import { PATIENCE, type Patience } from './patience.ts';
import { createRefusedCalls } from './refused-calls.ts';
import { type Calls, type RpcContext, serveCalls } from './serve.ts';
import { listenWith } from './transport.ts';
import { MAX_MESSAGE_BYTES, serverOptions } from './tuning.ts';

export interface RpcService {
  readonly fullName: string;
  /** "/package.Service/Method" of each method. */
  readonly paths: readonly string[];
  addTo(server: Server<RpcContext>): void;
}

/**
 * A service with its handlers, ready for a server. A yielded message is encoded later, so its bytes must stay as they
 * are: yield a buffer of its own each time, and never zero or reuse one that was yielded. A chunk that was given away
 * (give-away.ts) is zeroed once it was sent.
 */
export const implement = <Definition extends TsProtoServiceDefinition>(
  definition: Definition,
  implementation: ServiceImplementation<Definition, RpcContext>,
): RpcService => ({
  fullName: definition.fullName,
  paths: Object.values(definition.methods).map(({ name }) => `/${definition.fullName}/${name}`),
  addTo: (server) => server.add(withChunkCodec(definition), implementation),
});

export interface RpcServerOptions {
  /** host:port; port 0 takes a free one. */
  readonly listen: string;
  readonly services: readonly RpcService[];
  readonly log: RpcLog;
  readonly transport: Transport;
  readonly access: CallAccess;
  /** The largest message to take or send, in bytes; 4 MiB unless told. */
  readonly maxMessageBytes?: number;
  /** How many calls are taken; any number unless told. A person on whose behalf one calls has a quarter of what a caller has. */
  readonly limits?: CallLimits;
  /** How long clients are waited for, where that is not as it is everywhere. */
  readonly patience?: Partial<Patience>;
  /** Asked for once, with the paths of all methods, for what is told of their calls. */
  readonly observe?: (paths: readonly string[]) => CallObserver;
  /** How long calls in flight may take to finish after close(), in milliseconds; 20 s unless told. */
  readonly graceMs?: number;
}

export interface RpcServer extends AsyncDisposable {
  /** host:port as clients reach it. */
  readonly address: string;
  /**
   * What grpc.health.v1 answers, for every service and for the server as a whole; SERVING from the start. The
   * services that `except` names stay as they are: a crypto server that is sealed serves nothing but its unsealing.
   * Throws when one of them is not of this server.
   */
  setServing(serving: boolean, options?: { readonly except?: readonly string[] }): void;
  /** Takes no new calls, lets those in flight finish, and after the grace ends the rest with SHUTTING_DOWN. */
  close(): Promise<void>;
}

/** How long handlers get to notice that their call was ended, in milliseconds. */
const FORCE_MS = 1_000;

async function listen(
  server: Server<RpcContext>,
  { listen: address, transport, log }: RpcServerOptions,
): Promise<string> {
  const cannot = (cause: unknown): never => {
    throw new AppError('CONFIG_INVALID', `Cannot listen on ${address}`, {
      fix: 'Choose an address of this machine and a port that nothing else uses; port 0 takes a free one.',
      details: { listen: address },
      cause,
    });
  };
  try {
    const port = await listenWith(transport, log, (credentials) =>
      server.listen(address, credentials).catch(cannot),
    );
    return address.replace(/:\d+$/, `:${port}`);
  } catch (error) {
    server.forceShutdown();
    throw error;
  }
}

/** Resolves false when the time is up first. */
async function within(ms: number, done: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(ms, false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([done.then(() => true), late]);
  } finally {
    timer.abort();
  }
}

async function shutDown(server: Server<RpcContext>, calls: Calls, graceMs: number): Promise<void> {
  calls.closing = true;
  for (const call of calls.active) if (isOwnCall(call.path)) call.cancel(shuttingDown());
  const drained = server.shutdown();
  if (await within(graceMs, drained)) return;
  for (const call of calls.active) call.cancel(shuttingDown());
  if (await within(FORCE_MS, drained)) return;
  server.forceShutdown();
}

/**
 * Starts a gRPC server with health (grpc.health.v1) and reflection. Handlers may throw any error: an AppError reaches
 * the client whole but for its cause, anything else as an opaque INTERNAL. Throws CONFIG_INVALID when it cannot listen.
 */
export async function startRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const { transport, limits, observe = () => NO_OBSERVER } = options;
  const observer = observe(options.services.flatMap(({ paths }) => paths));
  const calls: Calls = { active: new Set(), underWay: 0, closing: false };
  const refusals = createRefusedCalls(options.log);
  const maxMessageBytes = options.maxMessageBytes ?? MAX_MESSAGE_BYTES;
  function onRefused(caller: string, reason: RefusalReason): void {
    observer.refused(reason);
    refusals.say(caller, reason);
  }
  const enterPerson = limits && limitPeople(limits, onRefused);
  const rules = {
    maxMessageBytes,
    limiter: limits && createLimiter(limits),
    patience: { ...PATIENCE, ...options.patience },
    onRefused,
  };
  const server = createServer({
    ...serverOptions(maxMessageBytes),
    interceptors: [callInterceptor(transport, rules)],
  })
    .use(errorDetailsServerMiddleware)
    .use(serveCalls(calls, { log: options.log, access: options.access, observer, enterPerson }));

  const health = HealthState();
  // One listener for every watcher, and there may be any number of those.
  health.setMaxListeners(0);
  const names = options.services.map((service) => service.fullName);
  const setServing: RpcServer['setServing'] = (serving, { except = [] } = {}) => {
    const strangers = except.filter((name) => !names.includes(name));
    // A misspelt name would leave a service in the wrong state, silently.
    if (strangers.length > 0) throw new Error(`This server has no service ${strangers.join(', ')}`);
    for (const name of ['', ...names])
      if (!except.includes(name)) health.setStatus(serving ? 'healthy' : 'unhealthy', name);
  };
  setServing(true);

  for (const service of options.services) service.addTo(server);
  server.add(HealthDefinition, HealthServiceImpl(health));
  const described = Buffer.concat([await readDescriptorSet(), HEALTH_DESCRIPTOR_SET]);
  server.add(ServerReflectionService, ServerReflection(described, [...names, HEALTH_SERVICE]));
  const address = await listen(server, options);

  let closed: Promise<void> | undefined;
  const close = () => {
    setServing(false);
    closed ??= shutDown(server, calls, options.graceMs ?? 20_000).finally(() => refusals[Symbol.dispose]());
    return closed;
  };
  return { address, setServing, close, [Symbol.asyncDispose]: close };
}
