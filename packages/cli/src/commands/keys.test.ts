import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { cli } from '../testing/run-cli.ts';
import { createStubBackup } from '../testing/stub-backup.ts';
import { type StubServices, startStubServices } from '../testing/stub-services.ts';

const folder = await temporaryFolder();
const at = (name: string): string => join(folder.path, name);
const services: StubServices = await startStubServices();
const { backup } = services;
const run = (...args: string[]) => cli(['keys', ...args], { env: services.env, cwd: folder.path });

afterAll(async () => {
  await services[Symbol.asyncDispose]();
  await folder.remove();
});
beforeEach(() => {
  const { archive, breaksAfter, report } = createStubBackup();
  Object.assign(backup, { archive, breaksAfter, report });
  backup.received.length = 0;
});

const DAMAGED = [
  { entry: 7, tenantId: 'demo', what: 'private key ab12 (sales)', problem: 'it does not open' },
  { entry: 9, tenantId: '', what: '', problem: 'it cannot be read\u001b[2J' },
];

describe('keys backup', () => {
  test('writes the archive as it came, for its owner only', async () => {
    const { code, text } = await run('backup', '--out', 'keys.backup');
    expect(code).toBe(0);
    expect(readFileSync(at('keys.backup')).equals(backup.archive)).toBe(true);
    expect(statSync(at('keys.backup')).mode & 0o777).toBe(0o600);
    expect(text).toBe(
      `Wrote ${at('keys.backup')} (250 kB)\nNext, see that it opens: sealtrack keys verify-backup keys.backup\n`,
    );
  });

  test('replaces a file only with --force', async () => {
    writeFileSync(at('there'), 'mine');
    expect((await run('backup', '--out', 'there')).code).toBe(1);
    expect(readFileSync(at('there'), 'utf8')).toBe('mine');
    const { json } = await run('backup', '--out', 'there', '--force', '--json');
    expect(json()).toEqual([{ file: at('there'), bytes: 250_000 }]);
  });

  test('leaves no part of an archive that broke off', async () => {
    backup.breaksAfter = 100_000;
    const before = readdirSync(folder.path);
    const { code, stderr } = await run('backup', '--out', 'part');
    expect(code).toBe(3);
    expect(stderr).toContain('Redis does not answer');
    expect(readdirSync(folder.path)).toEqual(before);
  });

  test('takes no empty archive', async () => {
    backup.archive = Buffer.alloc(0);
    expect((await run('backup', '--out', 'empty')).code).toBe(1);
    expect(existsSync(at('empty'))).toBe(false);
  });
});

describe('keys verify-backup', () => {
  test('sends the file, and says what is in it', async () => {
    writeFileSync(at('large'), Buffer.alloc(700_000, 'x'));
    const { code, text } = await run('verify-backup', 'large');
    expect(code).toBe(0);
    expect(backup.received[0]?.content.equals(readFileSync(at('large')))).toBe(true);
    expect(text).toBe(
      'Archive 01JB2Q7M7T9GQX3V5E8N4K6R2D of 2026-03-01T12:00:00.000Z: 2 tenants, 12 certificates, 10 private keys.\n' +
        'Everything in it opens, and every private key is proven.\n',
    );
  });

  test('names what is damaged, and ends with exit code 1', async () => {
    backup.report = { ...backup.report, damaged: DAMAGED };
    writeFileSync(at('damaged'), 'x');
    const { code, text } = await run('verify-backup', 'damaged');
    expect(code).toBe(1);
    expect(text).toContain(
      'DAMAGED: entry 7, of tenant demo: private key ab12 (sales): it does not open\n' +
        'DAMAGED: entry 9: it cannot be read\u{fffd}[2J\n',
    );
    const asJson = await run('verify-backup', 'damaged', '--json');
    expect(asJson.code).toBe(1);
    expect(asJson.json()).toEqual([expect.objectContaining({ ok: false, damaged: DAMAGED })]);
  });

  test('says when there is no such file', async () => {
    const { code, stderr } = await run('verify-backup', 'none');
    expect(code).toBe(2);
    expect(stderr).toContain('there is no such file');
  });
});

describe('keys restore', () => {
  test('sends the file, and says what was missing', async () => {
    writeFileSync(at('whole'), 'the archive');
    const { code, text } = await run('restore', 'whole');
    expect(code).toBe(0);
    expect(backup.received).toEqual([{ content: Buffer.from('the archive'), skipDamaged: false }]);
    expect(text).toContain('\nRestored 9; 13 were there already.\n');
  });

  test('restores nothing of what is damaged, unless told to', async () => {
    backup.report = { ...backup.report, damaged: DAMAGED };
    writeFileSync(at('damaged'), 'x');
    const refused = await run('restore', 'damaged');
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('nothing was restored');
    const some = await run('restore', 'damaged', '--skip-damaged', '--json');
    expect(some.code).toBe(1);
    expect(some.json()).toEqual([expect.objectContaining({ restored: 9, alreadyThere: 13, ok: false })]);
    expect(backup.received.at(-1)?.skipDamaged).toBe(true);
  });

  test('takes a file or the folder, and sends nothing for the folder', async () => {
    backup.report = { ...backup.report, damaged: [] };
    expect((await run('restore', '--from-backup-folder')).code).toBe(0);
    expect(backup.received.at(-1)?.content).toEqual(Buffer.alloc(0));
    for (const args of [['restore'], ['restore', 'whole', '--from-backup-folder']])
      expect((await run(...args)).stderr).toContain('or --from-backup-folder');
  });
});
