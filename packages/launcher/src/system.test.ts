import { existsSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { askedConnections } from './connections.ts';
import { type AnyService, startSystem } from './system.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const servicesDir = join(import.meta.dirname, 'testdata/services');
const stubs = (name: string) => ({ dir: join(folder.path, name), servicesDir });

const isAlive = (pid: number | undefined): boolean => {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
};
const isOpen = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const [host = '', port] = address.split(':');
    const socket = connect(Number(port), host);
    socket.once('connect', () => socket.destroy()).once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
const logLines = (dir: string, name: AnyService): { msg: string; settings: Record<string, string> }[] =>
  readFileSync(join(dir, 'logs', `${name}.log`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('startSystem', () => {
  test('gives each service what it needs and nothing that it would refuse', async () => {
    vi.stubEnv('SEALTRACK_MEANT_FOR_THE_CALLER', 'yes');
    const env = { 'crypto-server': { STUB_EXTRA: 'more' } };
    const options = { ...stubs('whole'), env, withConsole: true };
    await using system = await startSystem(options);
    const settings = (name: AnyService) => logLines(options.dir, name)[0]?.settings;
    const common = {
      SEALTRACK_NATS_URL: system.natsUrl,
      SEALTRACK_LISTEN: '127.0.0.1:0',
      SEALTRACK_LOG_LEVEL: 'info',
    };
    const media = { SEALTRACK_MEDIA_STORE: `file://${options.dir}/media` };
    const unsealKeyFile = join(options.dir, 'keys/unseal.key');
    const tls = (name: string) => ({
      SEALTRACK_TLS_CERTIFICATE: join(options.dir, `tls/${name}/cert.pem`),
      SEALTRACK_TLS_CERTIFICATE_KEY: join(options.dir, `tls/${name}/key.pem`),
      SEALTRACK_TLS_TRUSTED_CA: join(options.dir, 'tls/trusted_ca.pem'),
    });
    const redis = (name: string) => ({
      SEALTRACK_REDIS_URL: system.redisUrl.replace('rediss://', `rediss://${name}@`),
      SEALTRACK_REDIS_PASSWORD_FILE: join(options.dir, `keys/redis-${name}.password`),
    });
    expect(system.redisUrl).toMatch(/^rediss:/);
    expect(settings('metadata-processor')).toEqual({
      ...common,
      ...tls('metadata-processor'),
      ...redis('metadata-processor'),
    });
    expect(settings('crypto-server')).toEqual({
      ...common,
      ...media,
      ...tls('crypto-server'),
      ...redis('crypto-server'),
      SEALTRACK_UNSEAL_KEY_FILE: unsealKeyFile,
      SEALTRACK_BACKUP_DIR: join(options.dir, 'key-backups'),
      SEALTRACK_METADATA_ADDRESS: system.addresses.recordings,
      SEALTRACK_TICKET_ISSUERS: system.ticketIssuer.issuersFile,
      UV_THREADPOOL_SIZE: '16',
      STUB_EXTRA: 'more',
    });
    expect(settings('profile-config')).toEqual({
      ...common,
      ...tls('profile-config'),
      SEALTRACK_CRYPTO_ADDRESS: system.addresses.crypto,
    });
    expect(settings('media-encryptor')).toEqual({
      ...common,
      ...media,
      ...tls('media-encryptor'),
      SEALTRACK_CRYPTO_ADDRESS: system.addresses.crypto,
      SEALTRACK_STATE_DIR: join(options.dir, 'state'),
      UV_THREADPOOL_SIZE: '16',
    });
    expect(settings('playback')).toEqual({
      ...common,
      ...tls('playback'),
      SEALTRACK_CRYPTO_ADDRESSES: system.addresses.crypto,
    });
    expect(settings('console')).toEqual({
      ...common,
      ...tls('console'),
      ...redis('console'),
      SEALTRACK_METADATA_ADDRESS: system.addresses.recordings,
      SEALTRACK_PROFILES_ADDRESS: system.addresses.profiles,
      SEALTRACK_CRYPTO_ADDRESSES: system.addresses.crypto,
      SEALTRACK_INGEST_ADDRESSES: system.addresses.ingest,
      SEALTRACK_SETUP_LINK_FILE: join(options.dir, 'keys/console-setup-link'),
    });
    expect(system.consoleUrl).toBe(`https://${system.console?.service.address}`);
    for (const file of [
      unsealKeyFile,
      system.ticketIssuer.keyFile,
      redis('crypto-server').SEALTRACK_REDIS_PASSWORD_FILE,
    ])
      expect(statSync(file).mode & 0o777).toBe(0o600);
    vi.unstubAllEnvs();
  });

  test('speaks plaintext only when it is asked to, and says so to each service', async () => {
    const options = { ...stubs('plaintext'), transport: PLAINTEXT } as const;
    await using system = await startSystem(options);
    expect(system.consoleUrl).toBeUndefined();
    expect(await system.connections.transportOf('administrator')).toBe(PLAINTEXT);
    expect(logLines(options.dir, 'crypto-server')[0]?.settings).toMatchObject({
      SEALTRACK_TLS: 'off',
      SEALTRACK_REDIS_URL: expect.stringMatching(/^redis:/),
    });
    expect(existsSync(join(options.dir, 'tls'))).toBe(false);
  });

  test('a service keeps its address through SIGKILL and restart, and its neighbours do not notice', async () => {
    const onUnexpectedExit = vi.fn();
    await using system = await startSystem({ ...stubs('restarts'), onUnexpectedExit });
    const service = system.services['media-encryptor'];
    const { pid } = service;
    const neighbour = system.services['crypto-server'].pid;
    await service.kill('SIGKILL');
    expect(service.pid).toBeUndefined();
    expect(await isOpen(system.addresses.ingest)).toBe(false);
    await service.restart();
    expect(service.pid).not.toBe(pid);
    expect(await isOpen(system.addresses.ingest)).toBe(true);
    expect(system.services['crypto-server'].pid).toBe(neighbour);
    expect(onUnexpectedExit).not.toHaveBeenCalled();

    process.kill(service.pid ?? 0, 'SIGKILL');
    await vi.waitUntil(() => onUnexpectedExit.mock.calls.length > 0);
    expect(onUnexpectedExit).toHaveBeenCalledExactlyOnceWith('media-encryptor', 128);
  });

  test('ends everything, services in good order, and starts again in the same folder', async () => {
    const options = stubs('again');
    const first = await startSystem(options);
    const pids = [...Object.values(first.services), first.nats, first.redis].map(({ pid }) => pid);
    expect(pids.map(isAlive)).toEqual(Array(7).fill(true));
    await first[Symbol.asyncDispose]();
    expect(pids.map(isAlive)).toEqual(Array(7).fill(false));
    expect(logLines(options.dir, 'profile-config').at(-1)?.msg).toBe('drained');
    const kek = readFileSync(join(options.dir, 'keys/unseal.key'));
    await using _again = await startSystem(options);
    expect(readFileSync(join(options.dir, 'keys/unseal.key'))).toEqual(kek);
  });

  test('two systems in one folder are refused, and the first keeps running', async () => {
    const options = stubs('shared');
    await using system = await startSystem(options);
    await expect(startSystem(options)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(await isOpen(system.addresses.recordings)).toBe(true);
  });

  test('a service that cannot start is an error with the end of its log, and nothing is left', async () => {
    const lines: string[] = [];
    const env = { 'profile-config': { STUB_FAILS: 'out of luck' } };
    const log = (line: string): void => void lines.push(line);
    await expect(startSystem({ ...stubs('broken'), env, log })).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: expect.stringMatching(/profile-config ended with 4[\s\S]*out of luck/),
    });
    const pids = lines.map((line) => Number(/pid (\d+)/.exec(line)?.[1]));
    expect(pids.length).toBeGreaterThanOrEqual(4);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test('starting is given up when asked to', async () => {
    const stopped = AbortSignal.abort();
    await expect(startSystem({ ...stubs('given-up'), signal: stopped })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});

describe('what an environment asks for', () => {
  test.each([
    [{}, {}],
    [{ SEALTRACK_TLS: 'on', SEALTRACK_NATS_URL: '' }, {}],
    [{ SEALTRACK_TLS: 'off', SEALTRACK_NATS_URL: 'nats://bus' }, { transport: PLAINTEXT }],
    [
      { SEALTRACK_NATS_URL: 'nats://bus', SEALTRACK_TLS_TRUSTED_CA: '/a.pem, /b.pem' },
      { trustedCas: ['/a.pem', '/b.pem'] },
    ],
  ])('%j', (env, asked) => expect(askedConnections(env)).toEqual(asked));

  test.each([
    [{ SEALTRACK_TLS: 'no' }, /neither on nor off/],
    [{ SEALTRACK_NATS_URL: 'nats://bus' }, /^Nothing says .* of SEALTRACK_NATS_URL/],
    [
      { SEALTRACK_REDIS_URL: 'rediss://store', SEALTRACK_TLS_TRUSTED_CA: ' ' },
      /^Nothing says .* of SEALTRACK_REDIS_URL/,
    ],
  ])('%j is refused', (env, message) => {
    expect(() => askedConnections(env)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) }),
    );
  });
});
