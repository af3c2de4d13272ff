import { join } from 'node:path';
import { bootstrap, partyFiles } from '@sealtrack/authority/bootstrap';
import { ensureRedisPasswords } from '@sealtrack/authority/redis-passwords';
import { cli } from '@sealtrack/cli/testing/run-cli';
import { NATS, REDIS } from '@sealtrack/local-servers/server-kinds';
import { startNats } from '@sealtrack/local-servers/start-nats';
import { startRedis } from '@sealtrack/local-servers/start-redis';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, expect, test } from 'vitest';
import { serverTool } from '../testing/server-tool.ts';

/** `sealtrack tls verify` and servers that are not ours. */

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const dir = join(folder.path, 'tls');
await bootstrap({ dir });
const probe = partyFiles(dir, 'administrator');
// Never one that somebody else runs.
const env = { ...process.env, [NATS.urlVariable]: '', [REDIS.urlVariable]: '' };
const material = (party: 'nats' | 'redis') => ({ ...partyFiles(dir, party), probe });

async function openssl(): Promise<string> {
  const { certificate, certificateKey, trustedCa } = partyFiles(dir, 'crypto-server');
  const own = ['-cert', certificate, '-key', certificateKey, '-CAfile', trustedCa];
  // -rev has an answer to everything.
  const args = ['s_server', '-accept', '127.0.0.1:0', ...own, '-Verify', '3', '-verify_return_error', '-rev'];
  const [, port] = await serverTool('openssl', args, /ACCEPT \S+:(\d+)/);
  return `127.0.0.1:${port}`;
}

async function nats(): Promise<string> {
  const server = await startNats({ env, dir: join(folder.path, 'nats'), tls: material('nats') });
  afterAll(() => server[Symbol.asyncDispose]());
  return server.url.replace('nats://', '');
}

async function redis(): Promise<string> {
  const passwords = await ensureRedisPasswords(join(folder.path, 'passwords'));
  const server = await startRedis({
    env,
    dir: join(folder.path, 'redis'),
    tls: material('redis'),
    passwords,
  });
  afterAll(() => server[Symbol.asyncDispose]());
  return server.url;
}

const verify = (address: string, party: 'pipeline' | 'administrator') => {
  const { certificate, certificateKey, trustedCa } = partyFiles(dir, party);
  const own = ['--cert', certificate, '--key', certificateKey, '--trusted-ca', trustedCa];
  return cli(['tls', 'verify', address, ...own, '--timeout', '30', '--json']);
};

test.each([
  ['openssl s_server', openssl, 'none'],
  ['nats-server', nats, 'nats'],
  ['redis-server', redis, 'none'],
] as const)('%s with mutual TLS is well', async (_, start, startTls) => {
  const done = await verify(await start(), 'pipeline');
  expect(done.json()).toMatchObject([
    { ok: true, server: { startTls, protocol: 'TLSv1.3', clientCertificate: 'required', tls11: 'refused' } },
  ]);
  expect(done.text).toContain('the server lets it in');
  expect(done.code).toBe(0);
});
