import { randomUUID } from 'node:crypto';
import { testNats } from '@sealtrack/testkit/test-servers';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { genesysWorld, newCertificate } from './testing/genesys-world.ts';

const world = await genesysWorld((await testNats()).url);
afterAll(() => world[Symbol.asyncDispose]());
const CERTIFICATES = [1, 2, 3, 4, 5].map((n) => world.know(newCertificate(`CA, ${n}`, n + 250)));
const idsOf = CERTIFICATES.map(({ id }) => id);
const newTenant = () => `genesys-${randomUUID()}`;

test('it is numbered from 1 without gaps, with PEM and alias as Genesys has them', async () => {
  const tenantId = newTenant();
  const [one, two] = CERTIFICATES;
  await world.create({ tenantId, profileId: '7', name: 'Zoë & Co', suite: 'cms' });
  await world.assign({ tenantId, profileId: '7', certificateIds: idsOf.slice(0, 2) });
  await world.saveScreen({ tenantId, certificateIds: idsOf.slice(1, 2), policy: 'optional' });
  const pairs = { 'certificate-1': one?.pem, 'certificatealias-1': `rcs_${tenantId}:1:CN=CA\\, 1:fb` };
  expect(JSON.parse(await world.export(tenantId))).toEqual({
    tenant: tenantId,
    profiles: [
      {
        ...{ dbid: 7, name: 'Zoë & Co' },
        annex: {
          'recording-certificates': {
            ...pairs,
            'certificate-2': two?.pem,
            'certificatealias-2': `rcs_${tenantId}:2:CN=CA\\, 2:fc`,
          },
          sealtrack: { complete: 'true', suite: 'cms', policy: 'required' },
        },
      },
    ],
    screen: { 'certificate-1': two?.pem, 'certificatealias-1': `rcs_${tenantId}:1:CN=CA\\, 2:fc` },
    sealtrack: { complete: 'true', policy: 'optional' },
  });
});

test('what is named is exported, and nothing else', async () => {
  const tenantId = newTenant();
  for (const profileId of ['101', '7', '900719925474099312']) await world.create({ tenantId, profileId });
  await world.saveScreen({ tenantId, certificateIds: idsOf.slice(0, 1) });
  await world.remove(tenantId, '7');
  const exported = async (...args: [string[]?, boolean?]) => {
    const { profiles, screen } = JSON.parse(await world.export(tenantId, ...args)) as {
      profiles: { dbid: unknown }[];
      screen?: object;
    };
    return [profiles.map(({ dbid }) => dbid), screen !== undefined];
  };
  // One that JavaScript would round is a text.
  expect(await exported()).toEqual([[101, '900719925474099312'], true]);
  expect(await exported(['101'])).toEqual([[101], false]);
  expect(await exported(['101', '101'], true)).toEqual([[101], true]);
  expect(await exported([], true)).toEqual([[], true]);
  for (const profileId of ['7', '8'])
    await expect(world.export(tenantId, [profileId])).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
  await expect(world.export(tenantId, ['x'])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});

test('more than an import takes is not exported at a time', async () => {
  const tenantId = newTenant();
  const ids = Array.from({ length: 1001 }, (_, i) => String(i + 1));
  const tooMuch = { code: 'INVALID_ARGUMENT', details: { field: 'profile_ids' } };
  await expect(world.export(tenantId, ids)).rejects.toMatchObject(tooMuch);

  const [first = '', ...others] = ids.slice(0, 600);
  await world.create({ tenantId, profileId: first });
  await world.assign({ tenantId, profileId: first, certificateIds: idsOf });
  const { value = Buffer.alloc(0) } = (await world.kv.get(`${tenantId}.${first}`)) ?? {};
  const text = Buffer.from(value).toString();
  for (const id of others)
    await world.kv.create(
      `${tenantId}.${id}`,
      Buffer.from(text.replace('"profileId":"1"', `"profileId":"${id}"`)),
    );
  await expect(world.export(tenantId)).rejects.toMatchObject(tooMuch);
  expect(JSON.parse(await world.export(tenantId, ids.slice(0, 300)))).toMatchObject({
    profiles: expect.objectContaining({ length: 300 }),
  });
});

const policy = fc.constantFrom('required', 'optional', 'off');
const successions = (ids: readonly string[]) =>
  fc
    .tuple(
      ...ids.map(() =>
        fc.tuple(
          fc.boolean(),
          fc.option(fc.date({ min: new Date(1), max: new Date(4e12), noInvalidDate: true })),
        ),
      ),
    )
    .map((each) =>
      each.flatMap(([replaces, useFrom], i) => {
        const before = ids[i - 1];
        const isOne = (replaces && before !== undefined) || useFrom !== null;
        const of = { certificateId: ids[i] ?? '', replaces: replaces ? (before ?? '') : '' };
        return isOne ? [{ ...of, useFrom: useFrom ?? undefined }] : [];
      }),
    );
const settings = fc
  .shuffledSubarray(idsOf)
  .chain((ids) => fc.record({ policy, certificateIds: fc.constant(ids), successions: successions(ids) }));
const own = fc.option(settings, { nil: undefined });
const profile = fc.record({
  name: fc.string({ minLength: 1, maxLength: 128, unit: fc.constantFrom(...'aZ é東"\\/:,=#<>&\'') }),
  suite: fc.constantFrom('pkcs7', 'cms'),
  ...{ voice: settings, screen: own, digital: own },
});
const profileIds = fc.uniqueArray(fc.integer({ min: 1, max: 1e15 }).map(String), {
  minLength: 0,
  maxLength: 3,
});

type Wanted = typeof profile extends fc.Arbitrary<infer T> ? T : never;
type Settings = { policy: string; certificateIds: string[]; successions: never[] };

async function make(tenantId: string, profileId: string, wanted: Wanted) {
  const of = { tenantId, profileId };
  await world.create({ ...of, name: wanted.name, suite: wanted.suite });
  for (const mediaType of ['voice', 'screen', 'digital'] as const) {
    const own = wanted[mediaType] as Settings | undefined;
    if (own === undefined) continue;
    await world.assign({ ...of, mediaType, ...own, none: own.certificateIds.length === 0 });
    await world.update({ ...of, mediaType, policy: own.policy });
  }
}

const everything = async (tenantId: string, ids: readonly string[]) => ({
  profiles: await Promise.all(
    ids.map(async (id) => ({ ...(await world.profile(tenantId, id)), tenantId: '', revision: 0n })),
  ),
  screen: await world.screen(tenantId).then((screen) => screen && { ...screen, tenantId: '', revision: 0n }),
});

test('whatever there is, an export makes the same of another tenant, and changes nothing twice', async () => {
  const anything = fc.tuple(profileIds, fc.array(profile, { minLength: 6, maxLength: 6 }), own);
  await fc.assert(
    fc.asyncProperty(anything, async ([ids, profiles, screen]) => {
      const [here, there] = [newTenant(), newTenant()];
      for (const [i, id] of ids.entries()) {
        await make(here, id, profiles[i] as Wanted);
        // What is there is something else.
        if (i % 2 === 1) await make(there, id, profiles[i + 3] as Wanted);
      }
      if (screen !== undefined) await world.saveScreen({ tenantId: here, ...screen });
      const document = await world.export(here);
      const before = await everything(
        there,
        ids.filter((_, i) => i % 2 === 1),
      );
      const planned = await world.import(there, document, true);
      expect(
        await everything(
          there,
          ids.filter((_, i) => i % 2 === 1),
        ),
      ).toEqual(before);

      const imported = await world.import(there, document);
      expect(imported).toEqual(planned);
      expect(imported.filter(({ outcome }) => outcome === 'refused')).toEqual([]);
      expect(await everything(there, ids)).toEqual(await everything(here, ids));
      const again = await world.import(there, document);
      expect(again.filter(({ outcome }) => outcome !== 'unchanged')).toEqual([]);
      expect((await world.export(there)).replaceAll(there, here)).toBe(document);
    }),
    { numRuns: 40 },
  );
});
