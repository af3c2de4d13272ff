import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { beforeAll, describe, expect, test } from 'vitest';
import { bootstrap, PARTIES, partyFiles } from './bootstrap.ts';
import { revocationOf } from './ca-database.ts';
import { createIntermediate } from './create-intermediate.ts';
import { readDatabase } from './database-file.ts';
import { layoutOf } from './layout.ts';
import { listCertificates } from './list-certificates.ts';
import { openAuthority, openAuthorityKey } from './open-authority.ts';
import { publishCrl } from './publish-crl.ts';
import { revokeCertificate } from './revoke-certificate.ts';
import { newAuthority, newCertificate, openssl } from './testing/authority.ts';
import { checkHealed, checkVisible } from './testing/check-folder.ts';
import { interrupted } from './testing/interrupt.ts';

const now = new Date();
const NO_PASSWORD = new Uint8Array();
const folder = await temporaryFolder();
const template = join(folder.path, 'template');
let serial = '';
const deadPid = spawnSync('true').pid;

beforeAll(async () => {
  await newAuthority(template);
  ({ serial } = await newCertificate(template));
  return folder.remove;
});

/** The process that was there when it happened is this one, and still alive. */
async function bury(dir: string): Promise<void> {
  const lock = join(dir, '.lock');
  const text = await readFile(lock, 'utf8').catch(() => undefined);
  if (text !== undefined) await writeFile(lock, JSON.stringify({ ...JSON.parse(text), pid: deadPid }));
}

interface Crashing {
  readonly what: string;
  readonly work: (dir: string) => Promise<unknown>;
  /** How many changes of the disk lie between two places where it is killed. */
  readonly step: number;
  /** Whether it was done or not: anything else is half of it. */
  readonly check: (dir: string, known: readonly string[]) => Promise<boolean>;
}

const withKey = async (dir: string) => {
  const authority = await openAuthority(dir);
  return { authority, key: await openAuthorityKey(authority, NO_PASSWORD) };
};

const CRASHING: readonly Crashing[] = [
  {
    what: 'issuing a certificate',
    step: 1,
    work: (dir) => newCertificate(dir),
    check: async (_, known) => known.length === 2,
  },
  {
    what: 'making an authority below',
    step: 4,
    work: async (dir) => {
      const { authority, key } = await withKey(dir);
      await createIntermediate(authority, key, {
        ...{
          name: 'below',
          subject: { commonName: 'Below' },
          key: { type: 'p256' },
          digest: 'sha256',
          days: 10,
        },
        ...{ pathLength: 0, password: NO_PASSWORD, now },
      });
    },
    check: async (dir, known) => {
      const isThere = (await stat(join(dir, 'below')).catch(() => undefined)) !== undefined;
      expect(isThere).toBe(known.length === 2);
      if (isThere) await newCertificate(join(dir, 'below'), { days: 5 });
      return isThere;
    },
  },
  {
    what: 'revoking one',
    step: 2,
    work: (dir) => revokeCertificate(layoutOf(dir), serial, { reason: 'superseded', cwd: dir, now }),
    check: async (dir) =>
      (await readDatabase(layoutOf(dir))).some((entry) => revocationOf(entry) !== undefined),
  },
  {
    what: 'publishing a list',
    step: 2,
    work: async (dir) => {
      const { authority, key } = await withKey(dir);
      await publishCrl(authority, key, { days: 7, digest: 'sha256', der: true, now });
    },
    check: async (dir) => {
      const crl = layoutOf(dir).crl;
      const isThere = (await stat(crl).catch(() => undefined)) !== undefined;
      if (isThere)
        expect(openssl(dir, 'crl', '-in', crl, '-noout', '-crlnumber')).toContain('crlNumber=0x01');
      return isThere;
    },
  },
];

describe.each(CRASHING)('$what', ({ work, step, check }) => {
  test('is done or not, wherever it is killed', async () => {
    const outcomes = new Set<boolean>();
    for (let at = 0; ; at += step) {
      const dir = join(folder.path, `run-${Math.random()}`);
      await cp(template, dir, { recursive: true });
      const wasKilled = await interrupted(at, () => work(dir));
      await bury(dir);
      await checkVisible(layoutOf(dir));
      await listCertificates(layoutOf(dir), now);
      const known = await checkHealed(layoutOf(dir));
      const isDone = await check(dir, known);
      outcomes.add(isDone);
      if (!wasKilled) {
        expect(at).toBeGreaterThan(5);
        expect(isDone).toBe(true);
        break;
      }
      if (at % 4 === 0) await newCertificate(dir);
    }
    expect(outcomes).toEqual(new Set([true, false]));
  }, 30_000);
});

test('a root that is killed while it is made is whole, or can be made again', async () => {
  const outcomes = new Set<string>();
  for (let at = 0; ; at++) {
    const dir = join(folder.path, `root-${at}`);
    const wasKilled = await interrupted(at, () => newAuthority(dir));
    if (!wasKilled) break;
    await bury(dir);
    const again = await newAuthority(dir).then(
      () => 'made again',
      (error: { code: string }) => error.code,
    );
    outcomes.add(again);
    // What was made anew is as good as any other, and once is enough to see that.
    if (again === 'OBJECT_EXISTS' || at % 8 === 0) {
      await newCertificate(dir);
      await checkHealed(layoutOf(dir));
    }
  }
  expect(outcomes).toEqual(new Set(['made again', 'OBJECT_EXISTS']));
}, 30_000);

test('a development authority that is killed while it is made is made to its end by the next run', async () => {
  let isKilled = true;
  for (let at = 1; isKilled; at += 83) {
    const dir = join(folder.path, `bootstrap-${at}`);
    isKilled = await interrupted(at, () => bootstrap({ dir, now }));
    await bury(dir);
    await bury(join(dir, 'ca'));
    await bootstrap({ dir, now });
    for (const party of PARTIES) {
      const { certificate, trustedCa } = partyFiles(dir, party);
      expect(openssl(dir, 'verify', '-CAfile', trustedCa, certificate)).toContain('OK');
    }
    await listCertificates(layoutOf(join(dir, 'ca')), now);
  }
}, 60_000);

test.each([6, 12, 18, 22])(
  'a process that gets SIGKILL at its change %i of the disk leaves nothing half-done',
  async (at) => {
    const dir = join(folder.path, `killed-${at}`);
    await cp(template, dir, { recursive: true });
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'testing/crash-child.ts'), dir, String(at)],
      {
        stdio: 'inherit',
      },
    );
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    expect((await stat(join(dir, '.lock'))).isFile()).toBe(true);
    await checkVisible(layoutOf(dir));
    await newCertificate(dir);
    await checkHealed(layoutOf(dir));
  },
);
