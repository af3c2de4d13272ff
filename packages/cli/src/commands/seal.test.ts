import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SealStatus_State } from '@sealtrack/contracts/gen/sealtrack/seal/v1/seal';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { cli } from '../testing/run-cli.ts';
import { openSeal, sealedSeal } from '../testing/stub-seal.ts';
import { type StubServices, startStubServices } from '../testing/stub-services.ts';
import { atTerminal, hasTerminals } from '../testing/terminal.ts';

const folder = await temporaryFolder();
const at = (name: string): string => join(folder.path, name);
const services: StubServices = await startStubServices();
const { seal } = services;
const run = (...args: string[]) => cli(args, { env: services.env });
const typing = (typed: string, ...args: string[]) => cli(args, { env: services.env, typed });
const share = (number: number): string => `sts1-0badcafe-${number}`;
const shareFile = (number: number, text = share(number)): string => {
  writeFileSync(at(`given-${number}`), `${text}\n`);
  return at(`given-${number}`);
};

afterAll(async () => {
  await services[Symbol.asyncDispose]();
  await folder.remove();
});
beforeEach(() => {
  Object.assign(seal, { status: openSeal(), keys: 3, breaksAfter: undefined });
  seal.given.length = 0;
});

describe('seal status', () => {
  test('of an open one says what opened it', async () => {
    expect((await run('seal', 'status')).text).toBe(
      [
        'seal                open',
        'opened by           any 3 of 5 shares',
        'root key            a1b2c3d4',
        'unseal key          e5f6',
        'key-encryption key  number 7',
        '',
      ].join('\n'),
    );
    expect((await run('seal', 'status', '--json')).json()).toEqual([
      expect.objectContaining({ state: 'open', provider: 'shamir', kekNumber: 7, rotationStartedAt: null }),
    ]);
  });

  test.each([
    [{ state: SealStatus_State.UNINITIALIZED }, 'sealtrack seal init'],
    [{ state: SealStatus_State.SEALED, threshold: 3, shares: 5, given: 1 }, 'sealtrack unseal'],
    [{ state: SealStatus_State.SEALED, threshold: 0, provider: 'key' }, 'unseal key'],
    [{ newThreshold: 2, newGiven: 1 }, 'sealtrack unseal'],
    [{ rotationStartedAt: new Date('2026-03-01T12:00:00Z') }, 'sealtrack seal rotate'],
  ])('of %j says what is next', async (facts, next) => {
    seal.status = { ...openSeal(), ...facts };
    expect((await run('seal', 'status')).text).toMatch(new RegExp(`\nNext: .*${next}`));
  });
});

describe('seal init', () => {
  test('shows each share once, and what to do with them', async () => {
    const { code, text } = await run('seal', 'init', '--shares', '3', '--threshold', '2');
    expect(code).toBe(0);
    expect(text).toContain(
      `Share 1 of 3: ${share(1)}\nShare 2 of 3: ${share(2)}\nShare 3 of 3: ${share(3)}\n`,
    );
    expect(text).toContain('Any 2 of these 3 shares open the seal.');
    expect(text).toContain('sealtrack unseal');
  });

  test('writes each into a file that only its owner reads, and shows none', async () => {
    const args = ['seal', 'init', '--shares', '3', '--threshold', '2', '--out-dir', at('shares')];
    const { code, text, stderr } = await run(...args);
    expect(code).toBe(0);
    expect(text + stderr).not.toContain('sts1-');
    expect(readdirSync(at('shares')).sort()).toEqual(['share-1.txt', 'share-2.txt', 'share-3.txt']);
    expect(readFileSync(at('shares/share-2.txt'), 'utf8')).toBe(`${share(2)}\n`);
    expect(statSync(at('shares/share-2.txt')).mode & 0o777).toBe(0o600);
    expect(statSync(at('shares')).mode & 0o777).toBe(0o700);
  });

  test('replaces no share, and makes none before that is sure', async () => {
    await run('seal', 'init', '--shares', '2', '--threshold', '2', '--out-dir', at('again'));
    seal.status = openSeal();
    const { code } = await run('seal', 'init', '--shares', '2', '--threshold', '2', '--out-dir', at('again'));
    expect(code).toBe(1);
    expect(seal.status.state).toBe(SealStatus_State.OPEN);
  });

  test('shows no shares as JSON; with --out-dir it names the files', async () => {
    const args = ['seal', 'init', '--shares', '2', '--threshold', '2', '--json'];
    const refused = await run(...args);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--out-dir');
    expect((await run(...args, '--out-dir', at('json'))).json()).toEqual([
      { shares: 2, threshold: 2, files: [at('json/share-1.txt'), at('json/share-2.txt')] },
    ]);
  });
});

describe('unseal', () => {
  test('asks for one share after the other, shows none, and opens with the last', async () => {
    seal.status = sealedSeal();
    const { code, text, stderr } = await typing(`${share(1)}\r${share(2)}\r${share(3)}\r`, 'unseal');
    expect(code).toBe(0);
    expect(seal.given).toEqual([share(1), share(2), share(3)]);
    expect(stderr).toContain('1 of 3 shares given\n');
    expect(stderr).toContain('2 of 3 shares given\n');
    expect(text).toMatch(/^seal +open\n/);
    expect(text + stderr).not.toContain('sts1-');
  });

  test('goes on after a wrong share, which it does not show', async () => {
    seal.status = sealedSeal();
    const typed = `${share(1)}\rwrong\r${share(2)}\r${share(3)}\r`;
    const { code, stderr } = await typing(typed, 'seal', 'unseal');
    expect(code).toBe(0);
    expect(stderr).toContain('error: This is not a share');
    expect(stderr).not.toContain('wrong');
  });

  test('stops when nothing is typed: others go on elsewhere', async () => {
    seal.status = sealedSeal();
    const { code, text } = await typing(`${share(1)}\r\r`, 'unseal');
    expect(code).toBe(0);
    expect(text).toContain('given               1 of 3 shares\nNext: sealtrack unseal\n');
  });

  test('takes files, and ends with exit code 1 when one of them was wrong and it is still sealed', async () => {
    seal.status = sealedSeal();
    const first = await run('unseal', '--share-file', shareFile(1), shareFile(2, 'wrong'));
    expect(first.code).toBe(1);
    expect(first.stderr).toContain('fix: Type the share again.');
    const rest = await run('unseal', '--share-file', shareFile(2), '--share-file', shareFile(3), '--json');
    expect(rest.code).toBe(0);
    expect(rest.json()).toEqual([expect.objectContaining({ state: 'open' })]);
  });

  test('says when it is open already, and when there is nothing to open', async () => {
    expect((await run('unseal')).text).toMatch(/^seal +open\n/);
    seal.status = { ...openSeal(), state: SealStatus_State.UNINITIALIZED };
    expect((await run('unseal')).stderr).toContain('fix: Make it: sealtrack seal init');
  });

  test('says that shares do not help, where a key does', async () => {
    seal.status = { ...sealedSeal(), provider: 'key', shares: 0, threshold: 0 };
    const sealed = await run('unseal');
    expect(sealed.code).toBe(3);
    expect(sealed.stderr).toContain('not with shares');
    seal.status = { ...seal.status, provider: 'shamir' };
    expect((await run('unseal')).stderr).toContain('SEALTRACK_UNSEAL_WITH');
    expect(seal.given).toEqual([]);
  });

  test('says what to do without a terminal', async () => {
    seal.status = sealedSeal();
    const { code, stderr } = await run('unseal');
    expect(code).toBe(2);
    expect(stderr).toContain('--share-file');
  });

  test.skipIf(!hasTerminals)('shows no share on a real terminal', async () => {
    seal.status = sealedSeal();
    const typed = [1, 2, 3].map((number) => ({ after: 'to stop:', type: `${share(number)}\r` }));
    const { screen, code } = await atTerminal(['unseal'], typed, services.env);
    expect(code).toBe(0);
    expect(screen).toContain('2 of 3 shares given');
    expect(screen).not.toContain('sts1-');
    expect(screen).toMatch(/[^-]echo /);
  });
});

test.skipIf(!hasTerminals)('shares that are pasted at once are not shown either', async () => {
  seal.status = sealedSeal();
  const paste = [1, 2, 3].map((number) => `${share(number)}\n`).join('');
  const { screen, code } = await atTerminal(['unseal'], [{ after: 'to stop:', type: paste }], services.env);
  expect(code).toBe(0);
  expect(seal.given).toEqual([share(1), share(2), share(3)]);
  expect(screen).not.toContain('sts1-');
});

test('seal renew-shares hands out new ones, which unseal takes while it is open', async () => {
  const made = await run('seal', 'renew-shares', '--shares', '3', '--threshold', '2');
  expect(made.text).toContain('Any 2 of these 3 shares');
  expect((await run('seal', 'status')).text).toContain('given               0 of 2 new shares\n');
  const { code, stderr, text } = await typing(`${share(1)}\r${share(2)}\r`, 'unseal');
  expect(code).toBe(0);
  expect(stderr).toContain('1 of 2 new shares given');
  expect(text).not.toContain('Next');
});

describe('seal rotate', () => {
  test('is a line a step where nobody watches, and one object for programs', async () => {
    expect((await run('seal', 'rotate')).text).toBe(
      [
        ...[0, 1, 2, 3].map((done) => `${done} of 3 private keys`),
        'All private keys, 3, are sealed under key-encryption key number 8.',
        'Back the keys up: sealtrack keys backup --out FILE',
        '',
      ].join('\n'),
    );
    expect((await run('seal', 'rotate', '--json')).json()).toEqual([
      expect.objectContaining({ done: 3, total: 3, kekNumber: 9 }),
    ]);
  });

  test('is a bar at a terminal, which goes away', async () => {
    const { text, stderr } = await cli(['seal', 'rotate'], { env: services.env, showsProgress: true });
    expect(text).not.toContain('1 of 3 private keys');
    expect(stderr).toContain('sealing anew: [##########....................] 1 of 3');
    expect(stderr.endsWith('\r\u001b[K')).toBe(true);
  });

  test("breaks off with the server's error", async () => {
    seal.breaksAfter = 1;
    const { code, stderr, text } = await run('seal', 'rotate');
    expect(code).toBe(1);
    expect(stderr).toContain('A private key does not open');
    expect(text).not.toContain('All private keys');
  });
});

test('root rotate names the new root key', async () => {
  expect((await run('root', 'rotate')).text).toContain('Exchanged the root key: newroot1 is in force.');
});
