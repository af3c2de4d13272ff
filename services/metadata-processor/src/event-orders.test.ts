import type { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { AppError } from '@sealtrack/errors/app-error';
import type { RecordingId, TenantId } from '@sealtrack/ids/ids';
import { connectRedis } from '@sealtrack/redis/connect';
import { testRedis } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { createRedisCertificateIndex } from './adapters/redis-certificate-index.ts';
import { createRedisFoundBy } from './adapters/redis-found-by.ts';
import { createRedisIndex } from './adapters/redis-index.ts';
import { createRecordEncrypted } from './record-encrypted.ts';
import { createRecordKeptInClear } from './record-kept-in-clear.ts';
import { createRecordRewrapped } from './record-rewrapped.ts';
import { addAsBefore } from './testing/add-as-before.ts';
import { delivered, encrypted, keptInClear, rewrapped } from './testing/events.ts';
import { AGENTS, certificate, newTenant, recordingFor } from './testing/recordings.ts';

const server = await testRedis();
/** Two processors, and somebody who looks on. */
const connections = [1, 2, 3].map(() =>
  connectRedis({ transport: PLAINTEXT, url: server.url, name: 'test' }),
);
afterAll(() => Promise.all(connections.map((each) => each[Symbol.asyncDispose]())));
const [one, two, onlooker] = connections.map(({ client }) => client);
if (one === undefined || two === undefined || onlooker === undefined) throw new Error('unreachable');

const [HOLDING, FIRST, SECOND, OTHER] = [certificate(9), certificate(1), certificate(2), certificate(3)];
const EARLIER = new Date('2026-01-02T00:00:00.000Z');
const LATER = new Date('2026-01-02T00:00:00.001Z');

const KINDS = ['encrypted', 'rewrapped', 'rewrapped again', 'plain', 'clear', 'count'] as const;
type Kind = (typeof KINDS)[number];
interface Step {
  readonly kind: Kind;
  /** The processor dies, or the bus is away, between the index and `recording.stored`: the event comes again. */
  readonly dies: boolean;
}

const story = fc.record({
  /** An older version put the recording there, and did not count it. */
  old: fc.boolean(),
  atATime: fc.integer({ min: 1, max: 4 }),
  steps: fc
    .array(fc.record({ kind: fc.constantFrom(...KINDS), dies: fc.boolean() }), { maxLength: 14 })
    .chain((steps) => fc.shuffledSubarray(steps, { minLength: steps.length })),
});

/** The handlers of two processors, taking turns, and what they announced. */
function processors(tenant: TenantId) {
  const said = new Set<string>();
  let dies = false;
  const announcer = {
    recordingStored: async ({ recordingId }: Recording) => {
      if (dies) throw new AppError('BUS_UNAVAILABLE', 'The bus is away', { fix: 'Wait.' });
      said.add(recordingId);
    },
  };
  const handlers = [one, two].map((client) => {
    const index = createRedisIndex(client as NonNullable<typeof client>, AGENTS);
    const certificates = createRedisCertificateIndex(client as NonNullable<typeof client>);
    const indexed = { add: () => {} };
    const clock = () => new Date();
    const recordEncrypted = createRecordEncrypted(index, announcer, clock, indexed);
    const recordKeptInClear = createRecordKeptInClear(index, announcer, clock, indexed);
    const recordRewrapped = createRecordRewrapped(index, clock, indexed);
    return {
      encrypted: () =>
        recordEncrypted(delivered(encrypted(tenant, 'held', [HOLDING], 'expired'), 'encrypted')),
      rewrapped: () =>
        recordRewrapped(delivered(rewrapped(tenant, 'held', [FIRST, SECOND], EARLIER), 'rewrapped')),
      'rewrapped again': () =>
        recordRewrapped(delivered(rewrapped(tenant, 'held', [SECOND, OTHER], LATER), 'rewrapped')),
      plain: () => recordEncrypted(delivered(encrypted(tenant, 'plain', [FIRST]), 'encrypted')),
      clear: () => recordKeptInClear(delivered(keptInClear(tenant, 'clear'), 'kept-in-clear')),
      count: async () => {
        while ((await certificates.countOlder(tenant)) !== undefined);
      },
    } satisfies Record<Kind, () => Promise<void>>;
  });
  return {
    said,
    run: async (steps: readonly Step[]): Promise<void> => {
      dies = steps.some((step) => step.dies);
      const ended = await Promise.allSettled(steps.map(({ kind }, n) => handlers[n % 2]?.[kind]()));
      dies = false;
      for (const [n, { status }] of ended.entries())
        if (status === 'rejected') await handlers[0]?.[(steps[n] as Step).kind]();
    },
  };
}

const SETS = { HOLDING, FIRST, SECOND, OTHER, none: 'none' };

/** What is in the index at one moment: who is in which set, by name, and how many are counted. */
async function look(tenant: TenantId) {
  const keys = ['recordings', 'quarantined', ...Object.values(SETS).map((id) => `encrypted-to:${id}`)];
  const reading = onlooker?.multi().hget(`st:{${tenant}}:encrypted-to`, 'recordings');
  for (const key of keys) reading?.zrange(`st:{${tenant}}:${key}`, '0', '-1');
  const [counted, ...members] = (await reading?.exec())?.map(([, value]) => value) ?? [];
  const ids = members.map((entries) => (entries as string[]).map((entry) => entry.slice(17)).sort());
  const [all = [], quarantined = [], ...sets] = ids;
  return {
    ...{ all, quarantined, counted: Number(counted ?? 0) },
    sets: Object.fromEntries(Object.keys(SETS).map((name, n) => [name, sets[n] ?? []])),
  };
}

/** At any moment: what is counted is in its sets, whole, and nothing is in the sets of two versions of itself. */
async function expectWhole(tenant: TenantId): Promise<void> {
  const { all, quarantined, counted, sets } = await look(tenant);
  const { HOLDING = [], FIRST = [], SECOND = [], OTHER = [] } = sets;
  const inSets = all.filter((id) => Object.values(sets).some((set) => set.includes(id)));
  expect(counted).toBe(inSets.length);
  const of = (id: string) => [HOLDING, FIRST, SECOND, OTHER].map((set) => set.includes(id));
  expect([
    [false, false, false, false],
    [true, false, false, false],
    [false, true, true, false],
    [false, false, true, true],
  ]).toContainEqual(of('held'));
  if (quarantined.length > 0) expect(quarantined).toEqual(HOLDING);
}

test('whatever order events come in, however often, and whoever dies between them: the index ends the same', async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ old, atATime, steps }) => {
      const tenant = newTenant();
      const { run, said } = processors(tenant);
      if (old) await addAsBefore(one, recordingFor(tenant, 'held', [HOLDING]));
      let ended = false;
      const looking = (async () => {
        while (!ended) await expectWhole(tenant);
      })();
      for (let at = 0; at < steps.length; at += atATime) await run(steps.slice(at, at + atATime));
      ended = true;
      await looking;

      const came = new Set(steps.map(({ kind }) => kind));
      const held = came.has('rewrapped again')
        ? { in: ['SECOND', 'OTHER'], at: LATER }
        : came.has('rewrapped')
          ? { in: ['FIRST', 'SECOND'], at: EARLIER }
          : { in: old && !came.has('count') ? [] : ['HOLDING'], at: undefined };
      const isThere =
        old || ['encrypted', 'rewrapped', 'rewrapped again'].some((kind) => came.has(kind as Kind));
      const inSet = (name: string) => [
        ...(came.has('clear') && name === 'none' ? ['clear'] : []),
        ...(isThere && held.in.includes(name) ? ['held'] : []),
        ...(came.has('plain') && name === 'FIRST' ? ['plain'] : []),
      ];
      const all = [came.has('clear') && 'clear', isThere && 'held', came.has('plain') && 'plain'].filter(
        (id) => id !== false,
      );
      const isHeld = isThere && !old && held.at === undefined;
      expect(await look(tenant)).toEqual({
        all,
        quarantined: isHeld ? ['held'] : [],
        counted: all.length - (isThere && held.in.length === 0 ? 1 : 0),
        sets: Object.fromEntries(Object.keys(SETS).map((name) => [name, inSet(name)])),
      });
      const found = createRedisFoundBy(one, AGENTS);
      expect(await found.uncounted(tenant)).toBe(old && held.at === undefined ? 1 : 0);
      const index = createRedisIndex(one, AGENTS);
      const entry = await index.get(tenant, 'held' as RecordingId);
      // Why it was held is known whenever that was heard of, also after it was released.
      if (isThere && !old)
        expect((await index.history(tenant, 'held' as RecordingId))?.heldFor).toBe(
          came.has('encrypted') ? 'expired' : '',
        );
      expect(entry?.rewrappedAt).toEqual(isThere ? held.at : undefined);
      expect(entry?.quarantineReason).toBe(isThere ? (isHeld ? 'expired' : '') : undefined);
      expect([...said].sort()).toEqual(
        ['clear', 'held', 'plain'].filter((id) => came.has(id === 'held' ? 'encrypted' : (id as Kind))),
      );
    }),
    { numRuns: 150 },
  );
});
