import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { dockerAnswers } from '@sealtrack/local-servers/docker';
import { freePort, type LocalServer } from '@sealtrack/local-servers/local-server';
import { forget, reap } from '@sealtrack/local-servers/reaper';
import { NATS, REDIS, type ServerKind } from '@sealtrack/local-servers/server-kinds';
import { natsIsReady } from '@sealtrack/local-servers/start-nats';
import { redisIsReady, redisSettings } from '@sealtrack/local-servers/start-redis';
import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers';

const READY_TIMEOUT_MS = 60_000;

/** Testcontainers publishes ports on every interface unless told; test data is nobody else's business. */
class LoopbackContainer extends GenericContainer {
  protected override async beforeContainerCreated(): Promise<void> {
    const published = Object.values(this.hostConfig.PortBindings ?? {}) as { HostIp?: string }[][];
    for (const binding of published.flat()) binding.HostIp = '127.0.0.1';
  }
}

interface ContainerRecipe {
  readonly kind: ServerKind;
  command(name: string): readonly string[];
  readonly startedLine: RegExp;
  isReady(port: number, name: string): Promise<boolean>;
}

/** A NATS server with JetStream in a container. */
export const startNatsContainer = (): Promise<LocalServer> =>
  startContainer({
    kind: NATS,
    command: (name) => ['--jetstream', '--store_dir', '/data', '--name', name],
    startedLine: /Server is ready/,
    isReady: natsIsReady,
  });

/** A Redis in a container; every write is in its file before it is answered. */
export const startRedisContainer = (): Promise<LocalServer> =>
  startContainer({
    kind: REDIS,
    command: (name) => ['redis-server', '--bind', '0.0.0.0', ...redisSettings(name)],
    startedLine: /Ready to accept connections/,
    isReady: redisIsReady,
  });

async function startContainer(recipe: ContainerRecipe): Promise<LocalServer> {
  // Our own reaper removes the container with the docker command; a second one would be one more image to fetch.
  if (dockerAnswers()) process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true';
  const { kind } = recipe;
  const name = `sealtrack-${kind.name}-${randomUUID()}`;
  // A port that Docker picks would change with every restart.
  const port = await freePort();
  const started = await new LoopbackContainer(kind.image)
    .withName(name)
    .withExposedPorts({ container: kind.containerPort, host: port })
    .withCommand([...recipe.command(name)])
    .withWaitStrategy(Wait.forLogMessage(recipe.startedLine))
    .withStartupTimeout(READY_TIMEOUT_MS)
    .start();
  reap('container', name);
  const container = (await getContainerRuntimeClient()).container.getById(started.getId());

  const isRunning = async (): Promise<boolean> => (await container.inspect()).State.Running;
  const stop = async (): Promise<void> => {
    if (await isRunning()) await container.stop({ t: 5 });
  };
  const untilReady = async (): Promise<void> => {
    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (!(await recipe.isReady(port, name))) {
      if (Date.now() > deadline) throw new Error(`The ${kind.name} container did not become ready: ${name}`);
      await sleep(20);
    }
  };
  await untilReady();
  return {
    url: `${kind.name}://127.0.0.1:${port}`,
    pid: undefined,
    stop,
    kill: async () => {
      await container.kill();
      await container.wait();
    },
    restart: async () => {
      await stop();
      await container.start();
      await untilReady();
    },
    [Symbol.asyncDispose]: async () => {
      await container.remove({ force: true, v: true });
      forget('container', name);
    },
  };
}
