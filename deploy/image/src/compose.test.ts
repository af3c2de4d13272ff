import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PARTIES } from '@sealtrack/authority/bootstrap';
import { settingsOf as namesOf } from '@sealtrack/service-kit/config';
import { tlsSettings } from '@sealtrack/service-kit/tls-settings';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { handOutCertificates } from './hand-out-certificates.ts';

const ROOT = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const run = promisify(execFile);

interface Container {
  readonly image: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly stop_grace_period?: string;
  readonly mem_limit?: string;
  readonly restart?: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
}

/** As compose reads it when nothing is set: `${NAME:-default}`. */
const text = read('deploy/compose.yaml').replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');
const compose: { services: Record<string, Container> } = parse(text, { merge: true });
const containers = Object.entries(compose.services);
const lasting = containers.filter(([, { restart }]) => restart !== undefined);
const folder = await temporaryFolder();
afterAll(() => folder.remove());
const secretFile = join(folder.path, 'secret');
writeFileSync(secretFile, Buffer.alloc(32, 7).toString('base64url'), { mode: 0o600 });
const handedOut = join(folder.path, 'tls');
await handOutCertificates({
  caDir: join(folder.path, 'ca'),
  handOutDir: handedOut,
  ownDir: undefined,
  hosts: [],
  redisRules: read('deploy/redis/users.acl'),
});
const TLS_SETTINGS = namesOf(tlsSettings).flatMap(({ name, alsoNamed }) => [name, ...alsoNamed]);
const NAMES = readdirSync(join(ROOT, 'services')).sort();

function containerOf(name: string): Container {
  const container = compose.services[name];
  if (container === undefined) throw new Error(`compose.yaml has no ${name}`);
  return container;
}

const environmentOf = (name: string) =>
  Object.fromEntries(
    Object.entries(containerOf(name).environment ?? {}).map(([key, value]) => [key, String(value)]),
  );
const portOf = (address: string | undefined) => address?.slice(address.lastIndexOf(':') + 1);

/** The service as a process, with the environment of its container and nothing else. */
async function service(name: string, argument: string): Promise<string> {
  const main = containerOf(name).command.map((part) => join(ROOT, part));
  const env = withFiles(name, environmentOf(name));
  return (await run(process.execPath, [...main, argument], { env })).stdout;
}

/** Files that the container gets from volumes: its own certificate from the one that has it, and others that are not here. */
const withFiles = (name: string, env: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(env).map(([key, value]) => {
      const own = value.replace('/var/lib/sealtrack/tls/', join(handedOut, name, '/'));
      return [key, own === value && key.endsWith('_FILE') ? secretFile : own];
    }),
  );

async function settingsOf(name: string): Promise<string[]> {
  const lines = (await service(name, '--help')).split('\n').filter((line) => /^ {2}SEALTRACK_/.test(line));
  return lines.flatMap((line) => line.trim().split(' or ')).sort();
}

test('every variable has a default, so that it starts with none set', () => {
  expect(text).not.toContain('${');
});

test.each(NAMES)('%s accepts the environment that it gets', async (name) => {
  expect(await service(name, '--check-config')).toContain('valid');
  const known = await settingsOf(name);
  const given = Object.keys(environmentOf(name)).filter((key) => key.startsWith('SEALTRACK_'));
  expect(given.filter((key) => !known.includes(key))).toEqual([]);
});

test.each(NAMES)('docs/operations.md has every setting of %s', async (name) => {
  const [, section] = read('docs/operations.md').split(`### ${name}\n`);
  const table = section?.split('\n#')[0] ?? '';
  const documented = [...table.matchAll(/^\| `(SEALTRACK_\w+)`/gm)].map(([, setting]) => setting);
  const common = [
    ...['SEALTRACK_LOG_LEVEL', 'SEALTRACK_METRICS_LISTEN', 'SEALTRACK_ACCESS_POLICY'],
    ...TLS_SETTINGS,
  ];
  expect([...documented, ...common].sort()).toEqual(await settingsOf(name));
});

test('docs/operations.md has every setting of connections', () => {
  const [, section] = read('docs/operations.md').split('### Connections\n');
  const table = section?.split('\n#')[0] ?? '';
  const documented = [...table.matchAll(/`(SEALTRACK_TLS\w*)`(?=.*\|)/g)].map(([, setting]) => setting);
  expect([...new Set(documented)].sort()).toEqual(TLS_SETTINGS.sort());
});

test('the services find each other', () => {
  for (const name of NAMES) {
    for (const [key, address] of Object.entries(environmentOf(name))) {
      if (!/_ADDRESS(ES)?$/.test(key)) continue;
      const [host = ''] = address.split(':');
      expect(portOf(environmentOf(host).SEALTRACK_LISTEN)).toBe(portOf(address));
    }
    expect(containerOf(name).ports?.map(portOf)).toEqual([portOf(environmentOf(name).SEALTRACK_LISTEN)]);
  }
});

test('playback reaches crypto servers and nothing else, and has no secret of theirs', () => {
  const networks = new Set(containerOf('playback').networks);
  const reached = NAMES.filter((name) => containerOf(name).networks?.some((each) => networks.has(each)));
  expect(reached).toEqual(['crypto-server', 'playback']);
  expect(
    Object.keys(environmentOf('playback')).filter((key) => /NATS|REDIS|MEDIA|KEY_FILE/.test(key)),
  ).toEqual([]);
});

test('what is published is published on loopback, and Redis is not', () => {
  const published = containers.flatMap(([, { ports = [] }]) => ports);
  expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  expect(containerOf('redis').ports).toBeUndefined();
});

/** Who mounts a volume, and how. */
const mountsOf = (volume: string) =>
  containers.flatMap(([name, { volumes = [] }]) =>
    volumes.filter((mount) => mount.startsWith(`${volume}:`)).map((mount) => `${name} ${mount}`),
  );

test('each container has its own certificate and no other, and nobody but who makes them the CA', () => {
  for (const name of ['nats', 'redis', ...NAMES]) {
    const own = containerOf(name).volumes?.filter((mount) => mount.includes('/tls'));
    expect(own).toEqual([`tls-${name}:/var/lib/sealtrack/tls:ro`]);
    expect(mountsOf(`tls-${name}`).sort()).toEqual(
      [`certificates tls-${name}:/var/lib/sealtrack/tls/${name}`, `${name} ${own}`].sort(),
    );
  }
  expect(mountsOf('ca')).toEqual(['certificates ca:/var/lib/sealtrack/ca']);
  const made = containerOf('certificates').volumes?.filter((mount) => mount.startsWith('tls-'));
  expect(made?.map((mount) => mount.split('/').at(-1)).sort()).toEqual([...PARTIES].sort());
  // What hands them out talks to nobody.
  expect(containerOf('certificates')).toMatchObject({ network_mode: 'none' });
});

test('the files that are named are those that are handed out', () => {
  for (const name of ['nats', 'redis', ...NAMES]) {
    const { volumes, ...container } = containerOf(name);
    const config = name === 'redis' ? read('deploy/redis/redis.conf') : '';
    const named = `${JSON.stringify(container)}${config}`.matchAll(/\/var\/lib\/sealtrack\/tls\/([\w.]+)/g);
    const files = new Set([...named].map(([, file]) => file ?? ''));
    expect(files.size, name).toBeGreaterThanOrEqual(3);
    expect(readdirSync(join(handedOut, name))).toEqual(expect.arrayContaining([...files]));
  }
});

test('Redis is reached by the user of each, over TLS', () => {
  for (const [name, user] of [
    ['crypto-server', 'crypto-server'],
    ['metadata-processor', 'metadata-processor'],
    ['console', 'console'],
    ['init', 'operator'],
  ] as const)
    expect(environmentOf(name).SEALTRACK_REDIS_URL).toBe(`rediss://${user}@redis:6379`);
});

test('only crypto-server has the keys, and only media-encryptor changes media', () => {
  const isLasting = (mount: string) => lasting.some(([name]) => mount.startsWith(`${name} `));
  const mounting = (volume: string) => mountsOf(volume).filter(isLasting);
  expect(mounting('keys')).toEqual(['crypto-server keys:/var/lib/sealtrack/keys:ro']);
  expect(mounting('media').sort()).toEqual([
    'crypto-server media:/var/lib/sealtrack/media:ro',
    'media-encryptor media:/var/lib/sealtrack/media',
  ]);
});

test.each(containers)('%s has no rights that it does not need', (_, container) => {
  expect(container).toMatchObject({
    user: '10001:10001',
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
  });
});

test.each(lasting)(
  '%s is given the time to drain, and no more memory than it should need',
  (_, container) => {
    expect(container.restart).toBe('unless-stopped');
    expect(container.mem_limit).toMatch(/^\d+[mg]$/);
    expect(Number.parseInt(container.stop_grace_period ?? '', 10)).toBeGreaterThan(30);
  },
);
