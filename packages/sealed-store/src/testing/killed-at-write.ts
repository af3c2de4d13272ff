import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Order } from './keyring-child.ts';

/** Where the process dies: when Redis has not seen the write yet, or has made it and the process has not heard so. */
export type Moment = 'before' | 'after';

const CHILD = join(import.meta.dirname, 'keyring-child.ts');
/** The commands that write, as they stand in what ioredis sends; a script's own text has no such lines. */
const WRITES = /\r\n(eval|sadd)\r\n/gi;

/**
 * Carries out an order in a process of its own, and kills that (SIGKILL) at its `nth` write to Redis.
 * @returns 'killed', or 'done' when it made fewer writes.
 */
export async function killedAtWrite(
  order: Omit<Order, 'url'>,
  { url, nth, moment }: { readonly url: string; readonly nth: number; readonly moment: Moment },
): Promise<'killed' | 'done'> {
  const { port, hostname } = new URL(url);
  let writes = 0;
  let isKilled = false;
  const kill = () => {
    isKilled = true;
    child.kill('SIGKILL');
  };
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const redis = connect(Number(port), hostname);
    for (const socket of [client, redis]) sockets.add(socket.on('error', () => undefined));
    let isLast = false;
    client.on('data', (bytes) => {
      writes += bytes.toString('latin1').match(WRITES)?.length ?? 0;
      isLast ||= writes >= nth;
      if (isKilled) return;
      if (isLast && moment === 'before') kill();
      else redis.write(bytes);
    });
    redis.on('data', (bytes) => {
      if (isLast) kill();
      if (!isKilled) client.write(bytes);
    });
    client.on('close', () => redis.destroy());
    redis.on('close', () => client.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP port');

  const throughProxy: Order = { ...order, url: `redis://127.0.0.1:${address.port}` };
  const child = spawn(process.execPath, [CHILD, JSON.stringify(throughProxy)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code, signal] = await once(child, 'close');
  for (const socket of sockets) socket.destroy();
  proxy.close();
  if (isKilled && signal === 'SIGKILL') return 'killed';
  if (code === 0) return 'done';
  throw new Error(`The process failed by itself: ${said}`);
}
