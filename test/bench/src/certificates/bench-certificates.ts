import type { KeyObject } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSelfSigned, type SelfSigned } from '@sealtrack/certificates/self-signed';
import { type Doors, openDoors } from '@sealtrack/launcher/demo/doors';
import { startSystem } from '@sealtrack/launcher/system';
import { type Measurement, measurement } from '../report.ts';

const TENANT = 'bench';
const CERTIFICATES = 10_000;
/** Making one takes a tenth of a second, so a hundred certificates share each. */
const KEYS = 100;
const AT_A_TIME = 8;
const TIMES = 60;
/** Milliseconds, for each of them, whatever else is there. */
const GOAL = 50;

/** What an administrator waits for, with 10,000 certificates there already: one call at a time, through gRPC. */
export async function benchCertificates(
  say: (line: string) => void,
  { certificates = CERTIFICATES, keys = KEYS, times = TIMES } = {},
): Promise<Measurement[]> {
  const dir = await mkdtemp(join(tmpdir(), 'sealtrack-bench-'));
  try {
    say('starting the system …');
    await using system = await startSystem({
      dir,
      env: { 'crypto-server': { SEALTRACK_CALLS_PER_SECOND: '100000' } },
    });
    await using doors = await openDoors(system);
    say(`importing ${certificates} certificates …`);
    await fill(doors, certificates, keys, say);
    const rows: Measurement[] = [];
    const measure = async (name: string, work: (index: number) => Promise<unknown>) => {
      const all = await timesOf(work, times);
      rows.push(row(name, 'median', quantile(all, 0.5)), row(name, '95 %', quantile(all, 0.95)));
    };
    say('importing, one at a time …');
    const fresh = await Promise.all(Array.from({ length: times }, (_, index) => make(`new ${index}`)));
    await measure('import', (index) => importOne(doors, fresh[index]));
    say('listing and searching …');
    const list = (query: string, pageToken = '') =>
      doors.certificates.listCertificates({ tenantId: TENANT, query, pageToken });
    const second = (await list('')).nextPageToken;
    await measure('list, 100 of them', () => list(''));
    await measure('list, the next 100', () => list('', second));
    await measure('search, one found', (index) => list(`number ${index * 7}x`));
    await measure('search, none found', () => list('nothing of that name'));
    await measure('list, after a change', async (index) => {
      await importOne(doors, await renewed(fresh[index]));
      return await timed(() => list(''));
    });
    return rows;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

const make = (commonName: string, privateKey?: KeyObject): Promise<SelfSigned> =>
  createSelfSigned({ commonName, ...(privateKey === undefined ? {} : { privateKey }) });

const renewed = (one: SelfSigned | undefined) => make('renewed', one?.privateKey);

async function importOne({ certificates }: Doors, made: SelfSigned | undefined): Promise<void> {
  if (made === undefined) throw new Error('There is no such certificate');
  await certificates.importCertificate({
    tenantId: TENANT,
    certificate: Buffer.from(made.certificatePem),
    privateKey: Buffer.from(made.privateKeyPem),
  });
}

async function fill(doors: Doors, count: number, keyCount: number, say: (line: string) => void) {
  const keys = await Promise.all(
    Array.from({ length: keyCount }, async () => (await make('key')).privateKey),
  );
  let next = 0;
  const work = async () => {
    for (let index = next++; index < count; index = next++) {
      await importOne(doors, await make(`number ${index}x`, keys[index % keyCount]));
      if (index % 2_000 === 1_999) say(`  ${index + 1}`);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
}

/** Milliseconds of each; `work` may say itself how long it took. */
async function timesOf(work: (index: number) => Promise<unknown>, times: number): Promise<number[]> {
  const all: number[] = [];
  for (let index = 0; index < times; index += 1) {
    const started = performance.now();
    const told = await work(index);
    all.push(typeof told === 'number' ? told : performance.now() - started);
  }
  return all;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

const quantile = (all: readonly number[], share: number): number =>
  all.toSorted((a, b) => a - b)[Math.floor(share * (all.length - 1))] ?? Number.NaN;

const row = (name: string, metric: string, value: number): Measurement =>
  measurement({
    ...{ bench: 'certificates', case: name, engine: 'sealtrack', metric, unit: 'ms', value },
    ...{ goal: GOAL, better: 'lower' },
  });
