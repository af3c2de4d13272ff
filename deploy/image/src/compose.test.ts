import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';

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
  const env = withFiles(environmentOf(name));
  return (await run(process.execPath, [...main, argument], { env })).stdout;
}

/** Files that the container gets from a volume, and that are not here. */
const withFiles = (env: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(env).map(([key, value]) => [key, key.endsWith('_FILE') ? secretFile : value]),
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
  const common = ['SEALTRACK_LOG_LEVEL', 'SEALTRACK_METRICS_LISTEN'];
  expect([...documented, ...common].sort()).toEqual(await settingsOf(name));
});

test('the services find each other', () => {
  for (const name of NAMES) {
    for (const [key, address] of Object.entries(environmentOf(name))) {
      if (!key.endsWith('_ADDRESS')) continue;
      const [host = ''] = address.split(':');
      expect(portOf(environmentOf(host).SEALTRACK_LISTEN)).toBe(portOf(address));
    }
    expect(containerOf(name).ports?.map(portOf)).toEqual([portOf(environmentOf(name).SEALTRACK_LISTEN)]);
  }
});

test('what is published is published on loopback, and Redis is not', () => {
  const published = containers.flatMap(([, { ports = [] }]) => ports);
  expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  expect(containerOf('redis').ports).toBeUndefined();
});

test('only crypto-server has the keys, and only media-encryptor changes media', () => {
  const mounting = (volume: string) =>
    lasting.flatMap(([name, { volumes = [] }]) =>
      volumes.filter((mount) => mount.startsWith(`${volume}:`)).map((mount) => `${name} ${mount}`),
    );
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
