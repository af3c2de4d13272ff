import { connectBus } from '@sealtrack/bus/connect';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import { noMetrics } from '@sealtrack/service-kit/metrics';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import { createExpiryMetrics } from './expiry-metrics.ts';
import {
  certificate,
  idOf,
  inDays,
  list,
  NOW,
  profile,
  saidOf,
  stepwise,
  watchParts,
} from './testing/watch-parts.ts';
import { createWatchExpiry, type WatchExpiryDeps } from './watch-expiry.ts';

const server = await testNats();
const bus = await connectBus({ transport: PLAINTEXT, url: server.url, name: 'test' });
afterAll(() => bus[Symbol.asyncDispose]());
const { saveProfile, saveScreen, kv, notices } = await watchParts(bus);
const [MINUTES_10, MINUTE] = [600_000, 60_000];

/** A process that looks at what is assigned when it is told to, so many days after NOW. */
async function startProcess(changes: Partial<WatchExpiryDeps> = {}) {
  const parts = await watchParts(bus);
  const clock = { now: NOW };
  const deps = { ...parts, metrics: createExpiryMetrics(noMetrics), clock: () => clock.now, ...changes };
  // The stream stores what is said twice within minutes once: what counts is what is said at all.
  const announced: string[] = [];
  const announcer: WatchExpiryDeps['announcer'] = {
    expiring: async (event) => {
      announced.push(`${event.tenantId} ${event.withinDays}`);
      await deps.announcer.expiring(event);
    },
  };
  const { round, pauses, end } = stepwise((wait) => createWatchExpiry({ ...deps, announcer, wait }));
  const at = async (...days: number[]) => {
    for (const each of days) {
      clock.now = inDays(each);
      await round();
    }
  };
  const announcedOf = (tenantId: string) => announced.filter((each) => each.startsWith(`${tenantId} `));
  return { at, pauses, end, announcedOf, lines: parts.log.lines };
}

/** "expiring 60", "expired". */
const daysOf = async (tenantId: string) =>
  (await saidOf(bus, tenantId)).map(({ happened, data }) =>
    happened === 'expiring' ? `expiring ${data.withinDays}` : happened,
  );

const ALL = ['expiring 60', 'expiring 30', 'expiring 14', 'expiring 7', 'expiring 1', 'expired'];

test('it is said at 60, 30, 14, 7 and 1 days and at the end, each once, also after restarts', async () => {
  await saveProfile(profile('life', '1', [certificate('a', 100)]));
  const first = await startProcess();
  await first.at(0, 39.9);
  expect(await daysOf('life')).toEqual([]);
  await first.at(40, 41, 60, 70);
  expect(await daysOf('life')).toEqual(ALL.slice(0, 2));
  expect(first.pauses).toEqual(Array(6).fill(MINUTES_10));
  await first.end();
  const second = await startProcess();
  await second.at(70, 86, 93, 98.9);
  expect(await daysOf('life')).toEqual(ALL.slice(0, 4));
  await second.at(99, 100, 100.001, 400);
  expect(await daysOf('life')).toEqual(ALL);
  expect([...first.announcedOf('life'), ...second.announcedOf('life')]).toHaveLength(ALL.length);
  const third = await startProcess();
  await third.at(400, 400);
  expect(third.announcedOf('life')).toEqual([]);
  expect(await saidOf(bus, 'life')).toContainEqual({
    happened: 'expiring',
    data: {
      ...{ tenantId: 'life', certificateId: idOf('a'), alias: 'a', notAfter: inDays(100).toISOString() },
      ...{ withinDays: 7, profileIds: ['1'], leftWithout: ['1'] },
    },
  });
});

test('what is assigned is shown in metrics at every look', async () => {
  await saveProfile(profile('shown', '1', [certificate('a', 100)]));
  const shown: string[][] = [];
  const { at } = await startProcess({
    metrics: {
      show(watched, assignments, now) {
        expect(assignments.some(({ tenantId }) => tenantId === 'shown')).toBe(true);
        const ofTenant = watched.filter(({ tenantId }) => tenantId === 'shown');
        shown.push(ofTenant.map(({ alias }) => `${alias} ${new Date(now).toISOString()}`));
      },
    },
  });
  await at(0, 1);
  expect(shown).toEqual([0, 1].map((days) => [`a ${inDays(days).toISOString()}`]));
});

test('one that is found late says only what is closest', async () => {
  await saveProfile(profile('late', '1', [certificate('a', 5), certificate('b', -1)]));
  const { at } = await startProcess();
  await at(0, 1, 4, 6);
  const said = (await saidOf(bus, 'late')).map(({ data }) => [data.alias, data.withinDays ?? 0]);
  expect(said).toEqual([
    ['a', 7],
    ['b', 0],
    ['a', 1],
    ['a', 0],
  ]);
});

test('screen settings and the media types of profiles count, deleted profiles and holding keys do not', async () => {
  await saveScreen('media', certificate('a', 5));
  const own = { screen: list(certificate('b', 5)), digital: list(certificate('c', 5), certificate('a', 5)) };
  await saveProfile(profile('media', '20', [], own));
  await saveProfile(profile('media', '3', [certificate('a', 5), certificate('f', 500)]));
  await saveProfile(profile('media', '4', [certificate('d', 5)], { deleted: true }));
  const holding = { tenantId: 'media', certificate: { certificateId: idOf('e'), notAfter: inDays(5) } };
  await kv.put(SUBJECTS.holdingKey('media'), Buffer.from(JSON.stringify(holding)));
  const { at, lines } = await startProcess();
  await at(0);
  const said = (await saidOf(bus, 'media')).map(({ data }) => data);
  expect(said.sort((a, b) => String(a.alias).localeCompare(String(b.alias)))).toMatchObject([
    { alias: 'a', profileIds: ['3', '20'], screen: true, leftWithout: ['screen', '20'] },
    { alias: 'b', profileIds: ['20'], leftWithout: ['20'] },
    { alias: 'c', profileIds: ['20'], leftWithout: ['20'] },
  ]);
  expect(lines.filter(({ fields }) => fields.tenantId === 'media')).toHaveLength(3);
  expect(lines).toContainEqual({
    level: 'warn',
    message: 'a certificate that is assigned expires soon',
    fields: {
      ...{ tenantId: 'media', certificateId: idOf('c'), within: 7, notAfter: inDays(5) },
      ...{ endsWith: 'itself', leftWithout: ['20'] },
    },
  });
});

test('assigned again it says nothing again, and what came meanwhile is not made up for', async () => {
  const { at, announcedOf } = await startProcess();
  const assigned = profile('again', '1', [certificate('a', 100)]);
  await saveProfile(assigned);
  await at(45);
  await saveProfile({ ...assigned, certificates: [] });
  await at(71, 87);
  await saveProfile(assigned);
  await at(87, 88);
  await saveProfile({ ...assigned, certificates: [] });
  await at(88.1);
  await saveProfile(assigned);
  await at(88.2);
  expect(announcedOf('again')).toEqual(['again 60', 'again 14']);
  expect(await daysOf('again')).toEqual(['expiring 60', 'expiring 14']);
});

test('two that watch at once say it once', async () => {
  await saveProfile(
    profile(
      'two',
      '1',
      'abcdef'.split('').map((letter) => certificate(letter, 5)),
    ),
  );
  const both = await Promise.all([startProcess(), startProcess()]);
  await Promise.all(both.map(({ at }) => at(0)));
  await Promise.all(both.map(({ at }) => at(5.1)));
  expect((await daysOf('two')).toSorted()).toEqual([
    ...Array(6).fill('expired'),
    ...Array(6).fill('expiring 7'),
  ]);
  for (const { lines } of both) expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a crash before it was kept that it was said has it said under the same id', async () => {
  await saveProfile(profile('crash', '1', [certificate('a', 5)]));
  // The process ends where it would go on.
  const crashing = { ...notices, keep: () => new Promise<never>(() => undefined) };
  const first = await startProcess({ notices: crashing });
  const [second, third] = [await startProcess(), await startProcess()];
  void first.at(0);
  await expect.poll(() => first.announcedOf('crash')).toEqual(['crash 7']);
  await second.at(0, 1);
  await third.at(0);
  expect([second, third].map(({ announcedOf }) => announcedOf('crash'))).toEqual([['crash 7'], []]);
  expect(await daysOf('crash')).toEqual(['expiring 7']);
});

test('what cannot be kept is not said again by the same process, and is tried again soon', async () => {
  await saveProfile(profile('keep', '1', [certificate('a', 5)]));
  let kept = 0;
  const failing = {
    ...notices,
    keep: async (name: string) => {
      if (!name.startsWith('keep.')) return notices.keep(name);
      kept += 1;
      if (kept < 3) throw new AppError('BUS_UNAVAILABLE', 'It is away', { fix: 'Wait.' });
      await notices.keep(name);
    },
  };
  const { at, pauses, lines, announcedOf } = await startProcess({ notices: failing });
  await at(0, 0, 0, 0);
  expect(announcedOf('keep')).toEqual(['keep 7']);
  expect(kept).toBe(3);
  expect(pauses).toEqual([MINUTE, MINUTE, MINUTES_10, MINUTES_10]);
  expect(lines.filter(({ level }) => level === 'error')).toHaveLength(2);
});

test('an entry that cannot be read keeps no other from being said, and is logged once', async () => {
  await kv.put('torn.1', Buffer.from('garbage'));
  await kv.put('torn.other.2', Buffer.from('{}'));
  const { alias } = certificate('a', 5);
  await saveProfile(
    profile('torn', '2', [certificate('a', 5), { ...certificate('b', 5), certificateId: 'b c' }]),
  );
  const { at, lines } = await startProcess();
  await at(0, 0);
  expect((await saidOf(bus, 'torn')).map(({ data }) => data.alias)).toEqual([alias]);
  expect(lines.filter(({ level }) => level === 'error')).toMatchObject([
    { fields: { key: 'torn.1' } },
    { fields: { key: 'torn.other.2' } },
  ]);
});

test('a bus that is away is waited for', async () => {
  await saveProfile(profile('away', '1', [certificate('a', 5)]));
  const { at, lines, pauses } = await startProcess();
  await server.kill();
  await at(0);
  expect(pauses).toEqual([MINUTE]);
  expect(lines).toMatchObject([{ level: 'error', fields: { err: { code: 'BUS_UNAVAILABLE' } } }]);
  await server.restart();
  await expect
    .poll(
      async () => {
        await at(0);
        return pauses.at(-1);
      },
      { timeout: 15_000 },
    )
    .toBe(MINUTES_10);
  expect(await daysOf('away')).toEqual(['expiring 7']);
}, 30_000);
