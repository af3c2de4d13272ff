/** The wire of a running system, as a stranger finds it: nobody without a certificate gets anywhere, and nothing leaks. */
import { createPrivateKey } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootstrap, PARTIES, partyFiles } from '@sealtrack/authority/bootstrap';
import type { ServiceName } from '@sealtrack/launcher/system';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, describe, expect, test } from 'vitest';
import { isLetIn, PROTOCOLS, type Stranger } from './testing/knock.ts';
import { header, put, stored } from './testing/media.ts';
import { KNOWS_PROCESSES, listeningPorts, visibleOf } from './testing/process-facts.ts';
import { type Needle, needle, search, textNeedle } from './testing/secrets.ts';
import { createTenant } from './testing/tenant.ts';
import { systemForThisFile } from './testing/test-system.ts';

const SERVICES = ['media-encryptor', 'metadata-processor', 'crypto-server', 'profile-config'] as const;
const talkative = { SEALTRACK_LOG_LEVEL: 'debug', SEALTRACK_METRICS_LISTEN: '127.0.0.1:0' };
const { system, doors, dir } = await systemForThisFile(
  Object.fromEntries(SERVICES.map((name) => [name, talkative])),
);
const folder = await temporaryFolder();
afterAll(() => folder.remove());
// Somebody else's, who calls everybody by the same names.
const foreign = join(folder.path, 'foreign');
await bootstrap({ dir: foreign });

/** Where its log says that a service serves metrics. */
async function metricsOf(name: ServiceName): Promise<string> {
  const lines = (await readFile(system.services[name].logFile, 'utf8')).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'ready').addresses.metrics;
}

const host = (url: string) => new URL(url).host;
const all = [
  ...SERVICES.map((name) => ({ door: name, protocol: PROTOCOLS.grpc, at: system.services[name].address })),
  ...(await Promise.all(
    SERVICES.map(async (name) => ({
      door: `${name}'s metrics`,
      protocol: PROTOCOLS.metrics,
      at: await metricsOf(name),
    })),
  )),
  { door: 'NATS', protocol: PROTOCOLS.nats, at: host(system.natsUrl) },
  { door: 'Redis', protocol: PROTOCOLS.redis, at: host(system.redisUrl) },
];

const STRANGERS: readonly (readonly [who: string, Stranger])[] = [
  ['in plaintext', { plaintext: true }],
  ['without a certificate', {}],
  ["with somebody else's administrator's certificate", { files: partyFiles(foreign, 'administrator') }],
];

describe.each(all)('$door', ({ protocol, at }) => {
  test('speaks with the administrator', async () => {
    expect(await isLetIn(at, protocol, { files: system.connections.filesOf('administrator') })).toBe(true);
  });

  test.each(STRANGERS)('does not with anybody %s', async (_, stranger) => {
    expect(await isLetIn(at, protocol, stranger)).toBe(false);
  });
});

test.skipIf(!KNOWS_PROCESSES)('no process listens anywhere else', async () => {
  const pids = [...Object.values(system.services), system.nats, system.redis].map(({ pid }) => pid);
  const ports = pids.flatMap(listeningPorts);
  expect([...ports].sort()).toEqual(all.map(({ at }) => Number(at.split(':')[1])).sort());
});

/** The number that makes each private key private, and every password. */
async function ownSecrets(): Promise<Needle[]> {
  const keys = PARTIES.map(async (party) => {
    const pem = await readFile(partyFiles(join(dir, 'tls'), party).certificateKey);
    const { d = '' } = createPrivateKey(pem).export({ format: 'jwk' });
    const bytes = Buffer.from(d, 'base64url');
    // By halves, since a line of PEM may end in the middle of either.
    const forms = [bytes.subarray(0, 16), bytes.subarray(16)].flatMap((half) => needle('', half).forms);
    return { name: `${party}'s key`, forms };
  });
  const passwords = Object.entries(system.connections.redisPasswords ?? {}).map(async ([user, file]) =>
    textNeedle(`${user}'s password`, (await readFile(file, 'utf8')).trim()),
  );
  return Promise.all([...keys, ...passwords]);
}

test('keys and passwords are in their own files, for their owner only, and nowhere a process shows', async () => {
  await createTenant(doors);
  const head = header();
  await put(doors, head, Buffer.from('a recording'));
  await stored(doors, head);
  const secrets = await ownSecrets();
  expect(secrets).toHaveLength(PARTIES.length + 3);
  const { found } = await search(dir, secrets);
  const files = found.map((each) => each.split(' in ')[1] ?? '');
  expect(new Set(found.map((each) => each.split(' in ')[0])).size).toBe(secrets.length);
  expect(
    files.filter((file) => !/^(tls\/.*(key|cert)\.(pem|pfx)|keys\/redis-[\w-]+\.password)$/.test(file)),
  ).toEqual([]);
  for (const file of files) expect((await stat(join(dir, file))).mode & 0o077, file).toBe(0);

  if (!KNOWS_PROCESSES) return;
  const shown = await temporaryFolder();
  await using _ = shown;
  for (const [name, { pid }] of Object.entries({
    ...system.services,
    nats: system.nats,
    redis: system.redis,
  }))
    await writeFile(join(shown.path, name), visibleOf(pid));
  expect(await search(shown.path, secrets)).toEqual({ found: [], files: expect.arrayContaining(['nats']) });
  // The search was of what it should be: names of files are there.
  expect(await readFile(join(shown.path, 'crypto-server'), 'utf8')).toContain('redis-crypto-server.password');
  expect(await readdir(join(dir, 'logs'))).toHaveLength(SERVICES.length);
});
