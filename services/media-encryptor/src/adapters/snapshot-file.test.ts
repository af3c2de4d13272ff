import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { ProfileEntry, ProfileSnapshot } from '../domain/profile-entry.ts';
import { openSnapshotFile } from './snapshot-file.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const { log, lines } = noteLines();
const savedAt = new Date('2026-01-02T00:00:00.000Z');
const currentAt = new Date('2026-01-01T00:00:00.000Z');
const deps = { clock: () => savedAt, log };

let dir: string;
let count = 0;
beforeEach(() => {
  dir = join(folder.path, String(++count), 'state');
  lines.length = 0;
});
const path = () => join(dir, 'profiles.snapshot');

const entry = (key: string, revision: number, value: Uint8Array): ProfileEntry => ({
  key,
  revision,
  value,
  contents: () => ({ certificates: [], refused: [] }),
});
const snapshotOf = (...entries: ProfileEntry[]): ProfileSnapshot => ({
  entries: new Map(entries.map((each) => [each.key, each])),
  revision: Math.max(0, ...entries.map(({ revision }) => revision)),
});
const some = snapshotOf(
  entry('demo.101', 7, Buffer.from('{"name":"Grüße 🎧"}')),
  entry('demo.screen', 9, Buffer.from('two\nlines\n\n9 9 9\n')),
  entry('demo.holding', 8, Buffer.alloc(0)),
);
const raw = ({ entries }: ProfileSnapshot) =>
  [...entries.values()].map(({ key, revision, value }) => ({ key, revision, value: Buffer.from(value) }));

test('what was written last is read, whatever is in it, by its owner only', async () => {
  const file = await openSnapshotFile(dir, deps);
  expect(await file.read()).toBeUndefined();
  expect(lines).toEqual([]);
  await file.write(snapshotOf(), currentAt);
  expect(await file.read()).toMatchObject({ entries: [], revision: 0 });
  await file.write(some, currentAt);
  expect(await (await openSnapshotFile(dir, deps)).read()).toEqual({
    entries: raw(some),
    revision: 9,
    currentAt,
    savedAt,
  });
  expect(statSync(path()).mode & 0o777).toBe(0o600);
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  expect(readdirSync(dir)).toEqual(['profiles.snapshot']);
  // For people: what it is, without taking it apart.
  expect(JSON.parse(readFileSync(path(), 'utf8').split('\n')[0] ?? '')).toMatchObject({
    revision: 9,
    entries: 3,
  });
});

test('thousands of entries are written without holding anything up, and read again', async () => {
  const value = Buffer.alloc(10_000, 'x');
  const many = snapshotOf(...Array.from({ length: 5_000 }, (_, i) => entry(`demo.${i + 1}`, i + 1, value)));
  const file = await openSnapshotFile(dir, deps);
  let [longest, last] = [0, performance.now()];
  const timer = setInterval(() => {
    const at = performance.now();
    [longest, last] = [Math.max(longest, at - last), at];
  }, 1);
  await file.write(many, currentAt);
  clearInterval(timer);
  // A write of it all at once, and its hash, take some 100 ms here.
  expect(longest).toBeLessThan(60);
  expect((await file.read())?.entries).toHaveLength(5_000);
});

test.each([
  ['a byte is another', (file: Buffer) => file.fill('x', file.length - 10, file.length - 9)],
  ['its end is missing', (file: Buffer) => file.subarray(0, -20)],
  ['something was added', (file: Buffer) => Buffer.concat([file, Buffer.from('demo.102 10 1\nx\n')])],
  ['it is empty', () => Buffer.alloc(0)],
  ['it is of a later version', (file: Buffer) => Buffer.from(file.toString().replace('.v1', '.v2'))],
  ['it is no text', () => Buffer.alloc(1_000, 0xff)],
])('it is not used when %s, and the next write puts that right', async (_, damage) => {
  const file = await openSnapshotFile(dir, deps);
  await file.write(some, currentAt);
  writeFileSync(path(), damage(readFileSync(path())));
  expect(await file.read()).toBeUndefined();
  expect(lines).toMatchObject([{ level: 'error', fields: { path: path() } }]);
  await file.write(some, currentAt);
  expect((await file.read())?.entries).toHaveLength(3);
});

test.each([
  ['the file', 0o620],
  ['the file', 0o602],
  ['the folder', 0o720],
  ['the folder', 0o702],
])('it is not used when others may write to %s (%o)', async (what, mode) => {
  const file = await openSnapshotFile(dir, deps);
  await file.write(some, currentAt);
  chmodSync(what === 'the file' ? path() : dir, mode);
  expect(await file.read()).toBeUndefined();
  expect(lines).toMatchObject([{ level: 'error', message: expect.stringContaining('not used') }]);
  chmodSync(what === 'the file' ? path() : dir, 0o700);
  expect(await file.read()).toBeDefined();
});

test('a folder that others may write to, or that is none, is refused at the start', async () => {
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o777);
  const refused = { code: 'CONFIG_INVALID', fix: expect.stringContaining(`chmod 700 ${dir}`) };
  await expect(openSnapshotFile(dir, deps)).rejects.toMatchObject(refused);
  chmodSync(dir, 0o700);
  writeFileSync(join(dir, 'file'), '');
  await expect(openSnapshotFile(join(dir, 'file'), deps)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

test('what cannot be written leaves the one before, and nothing beside it', async () => {
  const file = await openSnapshotFile(dir, deps);
  await file.write(some, currentAt);
  const broken = snapshotOf(entry('demo.101', 10, Buffer.alloc(5)));
  const failing = { ...broken, entries: new Map(broken.entries) };
  Object.defineProperty(failing, 'revision', {
    get: () => {
      throw new Error('no');
    },
  });
  await expect(file.write(failing, currentAt)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(readdirSync(dir)).toEqual(['profiles.snapshot']);
  expect((await file.read())?.revision).toBe(9);
});

test('what a crash left of a write is removed at the next start, when it is old', async () => {
  await openSnapshotFile(dir, deps);
  for (const name of ['old', 'new']) writeFileSync(`${path()}.${name}.tmp`, '');
  utimesSync(`${path()}.old.tmp`, new Date(0), new Date(0));
  utimesSync(`${path()}.new.tmp`, savedAt, savedAt);
  await openSnapshotFile(dir, deps);
  expect(readdirSync(dir)).toEqual(['profiles.snapshot.new.tmp']);
});
