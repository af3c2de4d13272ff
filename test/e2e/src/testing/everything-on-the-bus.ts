import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectBus } from '@sealtrack/bus/connect';
import type { TestSystem } from './test-system.ts';
import { until } from './until.ts';

export interface Overheard extends AsyncDisposable {
  readonly messages: readonly { readonly subject: string; readonly data: Buffer }[];
}

/** What whoever runs the broker could hear: every message from now on, as a user that no system has. */
export async function everythingOnTheBus({
  system,
  dir,
}: Pick<TestSystem, 'system' | 'dir'>): Promise<Overheard> {
  const file = join(dir, 'nats/users.conf');
  const users = await readFile(file, 'utf8');
  const spy = '{ user: "operator", permissions: { publish: ">", subscribe: ">" } }';
  await writeFile(file, users.replace('users: [', `users: [\n    ${spy}`));
  process.kill(system.nats.pid ?? 0, 'SIGHUP');
  const transport = await system.connections.transportOf('operator');
  const bus = await until('the spy is let in', () =>
    connectBus({ transport, url: system.natsUrl, name: 'operator' }).catch(() => undefined),
  );
  const messages: { subject: string; data: Buffer }[] = [];
  bus.link.connection.subscribe('>', {
    callback: (_, { subject, data }) => void messages.push({ subject, data: Buffer.from(data) }),
  });
  await bus.link.connection.flush();
  return { messages, [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose]() };
}
