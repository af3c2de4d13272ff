import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, describe, expect, test } from 'vitest';
import { createAddresses } from './addresses.ts';
import { announceCurrentSystem, type CurrentSystem, findCurrentSystem } from './current-system.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());

const DEAD = spawnSync('true').pid;
const system = (pid: number): CurrentSystem => ({
  pid,
  startedAt: '2026-03-01T12:00:00Z',
  natsUrl: 'nats://127.0.0.1:4222',
  addresses: { ingest: 'i:1', recordings: 'r:1', crypto: 'c:1', profiles: 'p:1' },
});

function workspace(name: string): string {
  const path = join(folder.path, name);
  mkdirSync(join(path, 'some/where'), { recursive: true });
  return path;
}

describe('the system that npm start runs', () => {
  test('is found from any folder below, and gone when withdrawn', () => {
    const root = workspace('found');
    const withdraw = announceCurrentSystem(system(process.pid), root);
    expect(findCurrentSystem(join(root, 'some/where'), '/nowhere').found).toEqual(system(process.pid));
    withdraw?.();
    expect(findCurrentSystem(root, '/nowhere')).toEqual({ found: undefined });
  });

  test('is found from elsewhere by way of the workspace', () => {
    const root = workspace('elsewhere');
    announceCurrentSystem(system(process.pid), root);
    expect(findCurrentSystem('/', root).found?.pid).toBe(process.pid);
  });

  test('keeps its place while it runs, and loses it when it has ended', () => {
    const root = workspace('second');
    announceCurrentSystem(system(process.pid), root);
    expect(announceCurrentSystem(system(process.pid), root)).toBeUndefined();
    writeFileSync(join(root, '.data/current.json'), JSON.stringify(system(DEAD)));
    expect(announceCurrentSystem(system(process.pid), root)).toBeDefined();
    expect(findCurrentSystem(root, '/nowhere').found?.pid).toBe(process.pid);
  });

  test('does not take the file of another with it when it goes', () => {
    const root = workspace('other');
    const withdraw = announceCurrentSystem(system(DEAD), root);
    announceCurrentSystem(system(process.pid), root);
    withdraw?.();
    expect(existsSync(join(root, '.data/current.json'))).toBe(true);
  });

  test('is not believed from a file that others may write', () => {
    const root = workspace('writable');
    announceCurrentSystem(system(process.pid), root);
    chmodSync(join(root, '.data/current.json'), 0o666);
    expect(findCurrentSystem(root, '/nowhere')).toEqual({ found: undefined });
  });

  test('is not taken for running when its process has ended, or the file is damaged', () => {
    const root = workspace('stale');
    announceCurrentSystem(system(DEAD), root);
    expect(findCurrentSystem(root, '/nowhere')).toMatchObject({ found: undefined, stale: { pid: DEAD } });
    writeFileSync(join(root, '.data/current.json'), '{"pid":');
    expect(findCurrentSystem(root, '/nowhere')).toEqual({ found: undefined });
  });
});

describe('addresses', () => {
  const io = { env: { SEALTRACK_CRYPTO_ADDRESS: 'from-env:1' }, cwd: '/' };
  const running = () => ({ found: system(process.pid) });

  test('come from the option, then the environment, then the running system', () => {
    expect(createAddresses({ cryptoAddress: 'from-option:1' }, io, running).of('crypto')).toBe(
      'from-option:1',
    );
    expect(createAddresses({}, io, running).of('crypto')).toBe('from-env:1');
    expect(createAddresses({}, io, running).of('profiles')).toBe('p:1');
    expect(createAddresses({}, io, running).of('nats')).toBe('nats://127.0.0.1:4222');
  });

  test('that nobody told say how to get one', () => {
    const addresses = createAddresses({}, io, () => ({ found: undefined, stale: { file: 'f', pid: 17 } }));
    expect(() => addresses.of('ingest')).toThrow(
      expect.objectContaining({
        code: 'SERVICE_UNAVAILABLE',
        message: 'Nothing is running here. The one that ran here (process 17) has ended.',
        fix: expect.stringContaining('npm start'),
      }),
    );
    expect(addresses.find('ingest')).toBeUndefined();
  });
});
