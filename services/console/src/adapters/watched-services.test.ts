import type { Bus } from '@sealtrack/bus/bus';
import { startRpcServer } from '@sealtrack/rpc/server';
import { collectingLog } from '@sealtrack/rpc/testing';
import { OPEN_TO_ALL } from '@sealtrack/rpc/testing/open-to-all';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { expect, test, vi } from 'vitest';
import { connectWatched } from './watched-services.ts';

const start = (listen: string) =>
  startRpcServer({
    ...{ access: OPEN_TO_ALL, transport: PLAINTEXT, log: collectingLog(), services: [] },
    listen,
  });

test('each says why it is down, and nothing while it is up', async () => {
  let isConnected = true;
  let flushed = Promise.resolve();
  let redis: { status: 'ready' | 'reconnecting'; ping: () => Promise<'PONG'> } = {
    status: 'ready',
    ping: async () => 'PONG',
  };
  let server = await start('127.0.0.1:0');
  const { address } = server;
  await using watched = connectWatched(
    {
      ...{ metadataAddress: address, profilesAddress: address },
      ...{ cryptoAddresses: [address, address], ingestAddresses: [] },
    },
    {
      ...{ transport: PLAINTEXT, redisAddress: 'redis.example:6379' },
      bus: {
        connected: () => isConnected,
        link: { address: 'nats://a:4222', connection: { flush: () => flushed } },
      } as unknown as Bus,
      redis: {
        get status() {
          return redis.status;
        },
        ping: () => redis.ping(),
      },
    },
  );
  const whyDown = async (service: string) => watched.all.find((each) => each.service === service)?.whyDown();
  const services = [
    'metadata-processor',
    'crypto-server',
    'crypto-server',
    'profile-config',
    'NATS',
    'Redis',
  ];
  expect(watched.all.map(({ service }) => service)).toEqual(services);
  for (const each of watched.all) expect(await each.whyDown()).toBeUndefined();

  server.setServing(false);
  expect(await whyDown('crypto-server')).toContain('does not serve');
  await server.close();
  expect(await whyDown('profile-config')).toContain(address);
  server = await start(address);
  await expect.poll(() => whyDown('profile-config'), { timeout: 10_000 }).toBeUndefined();
  await server.close();

  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  flushed = new Promise(() => {});
  const ask = async () => {
    const answer = whyDown('NATS');
    await vi.advanceTimersByTimeAsync(3_000);
    return answer;
  };
  expect([await ask(), await ask()]).toEqual([undefined, expect.stringContaining('does not answer')]);
  vi.useRealTimers();
  flushed = Promise.resolve();
  expect(await whyDown('NATS')).toBeUndefined();

  isConnected = false;
  expect(await whyDown('NATS')).toContain('connection is lost');
  redis = {
    status: 'ready',
    ping: async () => {
      throw new Error('Command timed out');
    },
  };
  expect(await whyDown('Redis')).toContain('does not answer');
  redis = { ...redis, status: 'reconnecting' };
  expect(await whyDown('Redis')).toContain('connection is lost');
});
