import { connectBus } from '@sealtrack/bus/connect';
import type { KvEntry } from '@sealtrack/bus/kv';
import { AppError } from '@sealtrack/errors/app-error';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import { createKvSettings } from './adapters/kv-settings.ts';
import { createSummarize } from './domain/assigned-certificates.ts';
import { certificate, idOf, list, profile, saidOf, stepwise, watchParts } from './testing/watch-parts.ts';
import { createWatchRevocation, type WatchRevocationDeps } from './watch-revocation.ts';

const server = await testNats();
const bus = await connectBus({ transport: PLAINTEXT, url: server.url, name: 'test' });
afterAll(() => bus[Symbol.asyncDispose]());
const { saveProfile, saveScreen, profileOf, screenOf, kv } = await watchParts(bus);
const MINUTE = 60_000;

/** Of a crypto server that knows these, "a" for "aaa…", as revoked, in this tenant only. */
function revocationsOf(tenantId: string, ...letters: string[]) {
  const revoked = new Set(letters.map(idOf));
  const state: { revoked: Set<string>; error: AppError | undefined } = { revoked, error: undefined };
  const of = async (asked: string): Promise<ReadonlySet<string>> => {
    if (asked !== tenantId) return new Set();
    if (state.error !== undefined) throw state.error;
    return state.revoked;
  };
  return { state, of };
}

async function startProcess(
  revocations: WatchRevocationDeps['revocations'],
  changes: Partial<WatchRevocationDeps> = {},
) {
  const parts = await watchParts(bus);
  const deps = { ...parts, revocations, ...changes };
  // The stream stores what is said twice within minutes once: what counts is what is said at all.
  const announced: string[] = [];
  const announcer: WatchRevocationDeps['announcer'] = {
    revoked: async (event) => {
      announced.push(event.tenantId);
      await deps.announcer.revoked(event);
    },
  };
  const { round, pauses, end } = stepwise((wait) => createWatchRevocation({ ...deps, announcer, wait }));
  const countOf = (tenantId: string) => announced.filter((each) => each === tenantId).length;
  return { round, pauses, end, countOf, lines: parts.log.lines };
}

/** "ab" when both are marked. */
const markedIn = (certificates: readonly { certificateId: string; revoked: boolean }[] = []): string =>
  certificates.flatMap(({ certificateId, revoked }) => (revoked ? [certificateId[0]] : [])).join('');

test('what was revoked is marked wherever it is, for every encryptor to see, and said once', async () => {
  const [a, b, c] = [certificate('a', 5), certificate('b', 5), certificate('c', 5)];
  await saveProfile(profile('demo', '20', [a, b], { screen: list(a), digital: list(c) }));
  await saveProfile(profile('demo', '3', [a, c]));
  const unconcerned = await saveProfile(profile('demo', '4', [b]));
  await saveScreen('demo', b, a);
  const before = await profileOf('demo', '20');
  const { round, pauses, end, countOf } = await startProcess(revocationsOf('demo', 'a', 'c', 'd'));
  await round();
  const after = await profileOf('demo', '20');
  expect([after.certificates, after.screen?.certificates, after.digital?.certificates].map(markedIn)).toEqual(
    ['a', 'a', 'c'],
  );
  expect(after.certificates.map((each) => ({ ...each, revoked: false }))).toEqual(before.certificates);
  expect(markedIn((await profileOf('demo', '3')).certificates)).toBe('ac');
  expect(markedIn((await screenOf('demo')).certificates)).toBe('a');
  expect((await kv.get('demo.4'))?.revision).toBe(unconcerned);

  const revision = (await kv.get('demo.20'))?.revision;
  await round();
  await end();
  const restarted = await startProcess(revocationsOf('demo', 'a', 'c', 'd'));
  await restarted.round();
  expect([countOf('demo'), restarted.countOf('demo')]).toEqual([2, 0]);
  expect((await kv.get('demo.20'))?.revision).toBe(revision);
  expect(pauses).toEqual([MINUTE, MINUTE]);
  expect(await saidOf(bus, 'demo')).toEqual([
    {
      happened: 'revoked',
      data: { tenantId: 'demo', certificateId: idOf('a'), alias: 'a', profileIds: ['3', '20'], screen: true },
    },
    {
      happened: 'revoked',
      data: { tenantId: 'demo', certificateId: idOf('c'), alias: 'c', profileIds: ['3', '20'] },
    },
  ]);
});

test('a change that somebody makes at the same time is kept, and the mark comes on top of it', async () => {
  await saveProfile(profile('conflict', '1', [certificate('a', 5)]));
  let edits = 0;
  const edited = {
    ...kv,
    // An administrator saves between every look and the mark, three times.
    get: async (key: string): Promise<KvEntry | undefined> => {
      const entry = await kv.get(key);
      if (key === 'conflict.1' && edits < 3) {
        edits += 1;
        const certificates = [certificate('b', 5), certificate('a', 5)];
        await saveProfile(profile('conflict', '1', certificates, { name: `edit ${edits}` }));
      }
      return entry;
    },
  };
  const parts = await watchParts(bus);
  const { change } = createKvSettings({ ...parts.watch, kv: edited }, createSummarize());
  const settings = { ...parts.settings, change };
  const { round, lines } = await startProcess(revocationsOf('conflict', 'a'), { settings });
  await round();
  const after = await profileOf('conflict', '1');
  expect([after.name, markedIn(after.certificates), after.certificates.length]).toEqual(['edit 3', 'a', 2]);
  expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  expect(await saidOf(bus, 'conflict')).toHaveLength(1);
});

test('an entry that cannot be marked keeps no other from it, and that is told', async () => {
  for (const profileId of ['1', '2']) await saveProfile(profile('stuck', profileId, [certificate('a', 5)]));
  const { settings } = await watchParts(bus);
  const stuck: WatchRevocationDeps['settings'] = {
    ...settings,
    change: async (assignment, how) => {
      if (assignment.tenantId === 'stuck' && assignment.holder === '1')
        throw new AppError('BUS_UNAVAILABLE', 'It is away', { fix: 'Wait.' });
      return await settings.change(assignment, how);
    },
  };
  const { round, lines } = await startProcess(revocationsOf('stuck', 'a'), { settings: stuck });
  await round();
  expect(markedIn((await profileOf('stuck', '1')).certificates)).toBe('');
  expect(markedIn((await profileOf('stuck', '2')).certificates)).toBe('a');
  expect(lines.filter(({ level }) => level === 'error')).toMatchObject([
    { fields: { err: { code: 'BUS_UNAVAILABLE' } } },
  ]);
});

test('conflicts that never end are told, and do not go on for ever', async () => {
  await saveProfile(profile('endless', '1', [certificate('a', 5)]));
  const { settings } = await watchParts(bus);
  let tries = 0;
  const change = async (): Promise<never> => {
    tries += 1;
    if (tries > 100) throw new Error('for ever');
    throw new AppError('PROFILE_CONFLICT', 'It was changed', { fix: 'Look again.' });
  };
  const { round, lines } = await startProcess(revocationsOf('endless', 'a'), {
    settings: { ...settings, change },
  });
  await round();
  expect(tries).toBe(10);
  expect(lines).toMatchObject([{ level: 'error', fields: { err: { code: 'PROFILE_CONFLICT' } } }]);
});

test('an assignment that is gone by then stays gone', async () => {
  await saveProfile(profile('gone', '1', [certificate('a', 5)]));
  const parts = await watchParts(bus);
  const stale = await parts.settings.list();
  const revision = await saveProfile(profile('gone', '1', [certificate('b', 5)]));
  const settings = { ...parts.settings, list: async () => stale };
  const { round } = await startProcess(revocationsOf('gone', 'a'), { settings });
  await round();
  expect((await kv.get('gone.1'))?.revision).toBe(revision);
});

test('two that watch at once mark everything and say it once', async () => {
  for (let id = 1; id <= 20; id += 1) await saveProfile(profile('two', String(id), [certificate('a', 5)]));
  const both = await Promise.all([1, 2].map(() => startProcess(revocationsOf('two', 'a'))));
  await Promise.all(both.map(({ round }) => round()));
  await Promise.all(both.map(({ round }) => round()));
  for (let id = 1; id <= 20; id += 1)
    expect(markedIn((await profileOf('two', String(id))).certificates)).toBe('a');
  expect(await saidOf(bus, 'two')).toHaveLength(1);
  for (const { lines } of both) expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a crash between mark and event has the next one say it', async () => {
  await saveProfile(profile('crash', '1', [certificate('a', 5)]));
  const marked = Promise.withResolvers<void>();
  const crashing = {
    revoked: () => {
      marked.resolve();
      return new Promise<never>(() => undefined);
    },
  };
  void (await startProcess(revocationsOf('crash', 'a'), { announcer: crashing })).round();
  await marked.promise;
  expect(markedIn((await profileOf('crash', '1')).certificates)).toBe('a');
  expect(await saidOf(bus, 'crash')).toEqual([]);
  await (await startProcess(revocationsOf('crash', 'a'))).round();
  expect(await saidOf(bus, 'crash')).toHaveLength(1);
});

test('nothing is unmarked here, and what a person assigned again is marked and said again', async () => {
  const assigned = profile('again', '1', [certificate('a', 5)]);
  await saveProfile(assigned);
  const revocations = revocationsOf('again', 'a');
  const { round, countOf } = await startProcess(revocations);
  await round();
  revocations.state.revoked = new Set();
  await round();
  expect(markedIn((await profileOf('again', '1')).certificates)).toBe('a');
  await saveProfile(assigned);
  await round();
  expect(markedIn((await profileOf('again', '1')).certificates)).toBe('');
  expect(countOf('again')).toBe(1);
  revocations.state.revoked = new Set([idOf('a')]);
  await round();
  expect(markedIn((await profileOf('again', '1')).certificates)).toBe('a');
  expect(countOf('again')).toBe(2);
});

test('a crypto server that is away is logged once an outage, and its tenant keeps no other waiting', async () => {
  await saveProfile(profile('aaa-outage', '1', [certificate('a', 5)]));
  await saveProfile(profile('outage', '1', [certificate('a', 5)]));
  const [away, other] = [revocationsOf('aaa-outage', 'a'), revocationsOf('outage', 'a')];
  const of = async (tenantId: string) =>
    new Set([...(await away.of(tenantId)), ...(await other.of(tenantId))]);
  const { round, lines } = await startProcess({ of });
  const failed = () => lines.filter(({ level }) => level === 'error').map(({ fields }) => fields.err);
  const unavailable = new AppError('SERVICE_UNAVAILABLE', 'It is away', { fix: 'Wait.' });
  away.state.error = unavailable;
  for (let i = 0; i < 3; i += 1) await round();
  expect(failed()).toEqual([unavailable]);
  expect(markedIn((await profileOf('outage', '1')).certificates)).toBe('a');
  const sealed = new AppError('SEALED', 'It is sealed', { fix: 'Unseal it.' });
  away.state.error = sealed;
  for (let i = 0; i < 2; i += 1) await round();
  expect(failed()).toEqual([unavailable, sealed]);
  away.state.error = undefined;
  await round();
  expect(lines.filter(({ level }) => level === 'info')).toMatchObject([
    { message: 'revoked certificates are looked for again' },
  ]);
  expect(markedIn((await profileOf('aaa-outage', '1')).certificates)).toBe('a');
  away.state.error = unavailable;
  await round();
  expect(failed()).toEqual([unavailable, sealed, unavailable]);
});

test('tenants without certificates are not asked about', async () => {
  await saveProfile(profile('empty', '1', []));
  const asked: string[] = [];
  const of = async (tenantId: string) => {
    asked.push(tenantId);
    return new Set<string>();
  };
  await (await startProcess({ of })).round();
  expect(asked).toContain('demo');
  expect(asked).not.toContain('empty');
  expect(asked).toEqual([...new Set(asked)]);
});

test('the longer the crypto server works on its answers, the longer it is left alone', async () => {
  await saveProfile(profile('busy', '1', [certificate('a', 5)]));
  await saveProfile(profile('busy-too', '1', [certificate('a', 5)]));
  const clock = { now: 0, each: 0, error: undefined as AppError | undefined };
  const of = async (tenantId: string): Promise<ReadonlySet<string>> => {
    if (!tenantId.startsWith('busy')) return new Set();
    clock.now += clock.each;
    if (clock.error !== undefined) throw clock.error;
    return new Set();
  };
  const { round, pauses } = await startProcess({ of }, { elapsed: () => clock.now });
  for (const each of [0, 1_500, 2_000, 30_000, 10]) {
    clock.each = each;
    await round();
  }
  expect(pauses).toEqual([MINUTE, MINUTE, 80_000, 20 * MINUTE, MINUTE]);

  // What it waited for a server that is away was no work of that.
  clock.each = 30_000;
  clock.error = new AppError('SERVICE_UNAVAILABLE', 'It is away', { fix: 'Wait.' });
  await round();
  expect(pauses.at(-1)).toBe(MINUTE);
});
