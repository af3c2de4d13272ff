import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IvrProfile } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { startStubProfiles } from '../testing/stub-profiles.ts';

const ids = Array.from({ length: 50 }, (_, i) => String(i + 1));
const exported: { profileIds: string[]; screen: boolean }[] = [];
const imported: { document: string; dryRun: boolean }[] = [];
const services = await startStubProfiles({
  listProfiles: async ({ pageToken }) => {
    const at = pageToken === '' ? 0 : Number(pageToken);
    const profiles = ids.slice(at, at + 30).map((profileId) => IvrProfile.fromPartial({ profileId }));
    return { profiles, nextPageToken: at + 30 < ids.length ? String(at + 30) : '' };
  },
  exportGenesysSettings: async ({ profileIds, screen }) => {
    exported.push({ profileIds, screen });
    const profiles = profileIds.map((dbid) => ({ dbid }));
    return {
      document: JSON.stringify({ tenant: 'demo', profiles, ...(screen ? { screen: { a: 'b' } } : {}) }),
    };
  },
  importGenesysSettings: async ({ document, dryRun }) => {
    imported.push({ document, dryRun });
    if (document === 'garbage')
      throw new AppError('INVALID_ARGUMENT', 'The document is no JSON', { fix: 'f' });
    const { profiles = [], screen } = JSON.parse(document) as {
      profiles?: { dbid: string }[];
      screen?: object;
    };
    const one = (profileId: string) =>
      profileId === '2'
        ? { profileId, outcome: 'refused', messages: ['certificate-1 is not here. Import it.'] }
        : { profileId, outcome: 'created', certificateIds: ['ab'.repeat(32)] };
    return { imported: [...(screen ? [one('')] : []), ...profiles.map(({ dbid }) => one(dbid))] };
  },
});
afterAll(() => services[Symbol.asyncDispose]());
beforeEach(() => {
  exported.splice(0);
  imported.splice(0);
});

const run = (...args: string[]) => services.run(['profiles', ...args]);
const documentOf = (dbids: readonly string[]) => ({
  tenant: 'demo',
  profiles: dbids.map((dbid) => ({ dbid })),
  screen: { a: 'b' },
});

test('everything is exported as one document, however many messages it takes', async () => {
  const { code, text } = await run('export');
  expect(code).toBe(0);
  expect(JSON.parse(text)).toEqual(documentOf(ids));
  expect(exported.length).toBeGreaterThan(2);
  expect(exported.filter(({ screen }) => screen)).toHaveLength(1);
});

test('what is named is exported alone', async () => {
  expect(JSON.parse((await run('export', '7', '9', '7')).text)).toEqual({
    tenant: 'demo',
    profiles: [{ dbid: '7' }, { dbid: '9' }],
  });
  expect(JSON.parse((await run('export', '--screen')).text)).toEqual(documentOf([]));
  expect((await run('export', 'abc')).code).toBe(2);
});

test('a file is written when it is whole, and replaced only by force', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'profiles.json');
  const { code, text } = await run('export', '1', '--out', file);
  expect({ code, text }).toEqual({
    code: 0,
    text: expect.stringMatching(/^Wrote 1 profile to .*profiles.json/),
  });
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ profiles: [{ dbid: '1' }] });
  expect((await stat(file)).mode & 0o777).toBe(0o644);
  expect((await run('export', '2', '--out', file)).stderr).toContain('already there');
  expect((await run('export', '2', '--out', file, '--force')).code).toBe(0);
  expect(await readFile(file, 'utf8')).toContain('"2"');
});

test('a file is imported as it is, and what became of it told; exit code 1 when some is refused', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'profiles.json');
  const document = JSON.stringify(documentOf(['1', '2']));
  await writeFile(file, document);
  const { code, text, stderr } = await run('import', file);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(text).toMatch(
    /^PROFILE +OUTCOME +CERTIFICATES\nscreen +created +abababab\n1 +created +abababab\n2 +refused +-\n/,
  );
  expect(text).toContain('2: certificate-1 is not here. Import it.\n2 created, 1 refused.\n');
  expect(imported).toEqual([{ document, dryRun: false }]);
  expect((await run('import', file, '--json')).json()[0]).toMatchObject({ screen: true, outcome: 'created' });
});

test('a dry run says what would be', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'profiles.json');
  await writeFile(file, JSON.stringify({ profiles: [{ dbid: '1' }] }));
  const { code, text } = await run('import', file, '--dry-run');
  expect(code).toBe(0);
  expect(text).toContain('Nothing was changed. It would be: 1 created.');
  expect(imported).toMatchObject([{ dryRun: true }]);
});

test('more than a message holds is imported in parts, and nothing twice', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'profiles.json');
  const padding = 'x'.repeat(4000);
  const many = Array.from({ length: 1200 }, (_, i) => ({ dbid: String(i + 3), name: padding }));
  await writeFile(
    file,
    JSON.stringify({ tenant: 'demo', profiles: many, screen: { a: 'b' }, sealtrack: {} }),
  );
  const { code, json } = await run('import', file, '--json');
  expect(code).toBe(0);
  expect(json()).toHaveLength(1201);
  const parts = imported.map(({ document }) => JSON.parse(document) as Record<string, { dbid: string }[]>);
  expect(parts.filter((part) => 'screen' in part || 'sealtrack' in part)).toHaveLength(1);
  expect(
    parts.every(({ tenant, profiles = [] }) => String(tenant) === 'demo' && profiles.length <= 1000),
  ).toBe(true);
  expect(parts.flatMap(({ profiles = [] }) => profiles.map(({ dbid }) => dbid))).toEqual(
    many.map(({ dbid }) => dbid),
  );
  expect(Math.max(...imported.map(({ document }) => document.length))).toBeLessThan(3 * 1024 * 1024);
});

test("what is no document is the service's to refuse, by name", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'profiles.json');
  await writeFile(file, 'garbage');
  const { code, stderr } = await run('import', file);
  expect({ code, stderr }).toEqual({ code: 2, stderr: 'error: The document is no JSON\nfix: f\n' });
  expect((await run('import', join(folder.path, 'none.json'))).stderr).toContain('there is no such file');
});
