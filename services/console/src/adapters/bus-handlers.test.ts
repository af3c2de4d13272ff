import { createBusStream } from '@sealtrack/audit-trail/write/bus-stream';
import { createAuditWriter } from '@sealtrack/audit-trail/write/writer';
import type { Bus } from '@sealtrack/bus/bus';
import { publishUntilStored } from '@sealtrack/bus/publish';
import { ensureStreams } from '@sealtrack/bus/streams';
import { secureBus } from '@sealtrack/bus/testing/secure-bus';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { MediaDecryptRequested } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import { STREAMS, SUBJECTS } from '@sealtrack/contracts/subjects';
import { createSigner } from '@sealtrack/statements/create-signer';
import { afterAll, describe, expect, test } from 'vitest';
import type { AuditPage } from '../api/audit.ts';
import type { DeadLetterList, LiveEvent, LiveMessage } from '../api/live.ts';
import { type BusWorld, startBusWorld, tlsOf } from '../testing/bus-world.ts';

const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());
const system = stack.use(await secureBus());
const [encryptor, index, crypto] = [
  await system.as('media-encryptor'),
  await system.as('metadata-processor'),
  await system.as('crypto-server'),
];
for (const bus of [encryptor, index, crypto]) await ensureStreams(bus);
const world: BusWorld = stack.use(await startBusWorld(system));

let messages = 0;
const say = (bus: Bus, subject: string, body: object, headers: Record<string, string> = {}) => {
  messages += 1;
  const messageId = `m${messages}`;
  return publishUntilStored(bus, { subject, headers, body: JSON.stringify(body), messageId });
};
const TRACE = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const stored = (tenantId: string, recordingId: string) =>
  say(
    index,
    `events.${tenantId}.recording.stored`,
    { tenantId, recordingId },
    {
      ...{ 'ce-id': recordingId, 'ce-source': 'metadata-processor', traceparent: TRACE },
      'ce-time': '2026-01-01T00:00:00.000Z',
    },
  );
const live = (list: readonly unknown[]) => list as LiveMessage[];
const eventsIn = (list: readonly unknown[]): LiveEvent[] =>
  live(list).flatMap((each) => (each.type === 'events' ? each.events : []));
const countedIn = (list: readonly unknown[], kind: string): number =>
  live(list).reduce((sum, each) => sum + (each.type === 'second' ? (each.second.events[kind] ?? 0) : 0), 0);

describe('what happens', () => {
  test('reaches the browsers of its tenant, and of no other one, through a restart of the bus', async () => {
    const [demo, acme] = [
      await world.follow('ben', '/tenants/demo/live?sample=100'),
      await world.follow('carl', '/tenants/acme/live'),
    ];
    expect(demo.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(demo.response.headers.get('x-accel-buffering')).toBe('no');
    expect(demo.response.headers.get('cache-control')).toContain('no-store');
    await Promise.all(Array.from({ length: 30 }, (_, each) => stored('demo', `call-${each}`)));
    await stored('acme', 'other');
    const counted = (count: number) =>
      expect.poll(() => countedIn(demo.messages, 'recording.stored')).toBe(count);
    await counted(30);
    expect(eventsIn(demo.messages)).toHaveLength(30);
    expect(eventsIn(demo.messages)[0]).toEqual({
      ...{ id: 'call-0', kind: 'recording.stored', at: '2026-01-01T00:00:00.000Z' },
      ...{ source: 'metadata-processor', traceId: 'a'.repeat(32) },
      payload: { tenantId: 'demo', recordingId: 'call-0' },
    });
    await expect.poll(() => eventsIn(acme.messages).map(({ id }) => id)).toEqual(['other']);
    await expect.poll(() => live(demo.messages).filter(({ type }) => type === 'state').length).toBe(1);
    expect(live(demo.messages).find(({ type }) => type === 'state')).toEqual({
      type: 'state',
      state: {
        ...{ backlog: { captures: null, events: null }, deadLetters: 0 },
        ...{ expiring: [], seals: null, services: [] },
      },
    });

    await system.server.kill();
    await system.server.restart();
    await stored('demo', 'after');
    await counted(31);
    demo.end();
    acme.end();
  });

  test('as kinds, of what somebody may read', async () => {
    const changes = await world.follow('carl', '/tenants/acme/changes');
    await say(crypto, 'events.acme.certificate.imported', {});
    await stored('demo', 'call-1');
    await expect.poll(() => changes.messages).toEqual([{ kinds: ['certificate.imported'] }]);
    changes.end();
  });

  test('is refused to who may not know of it, and to who follows too much already', async () => {
    expect((await world.ask('carl', 'GET', '/tenants/demo/live')).status).toBe(403);
    expect((await world.ask('ben', 'GET', '/tenants/acme/changes')).status).toBe(403);
    expect((await world.ask('carl', 'GET', '/tenants/acme/live?sample=101')).status).toBe(400);
    expect((await world.ask('carl', 'GET', '/seals')).status).toBe(403);
    expect(await world.read('alice', '/seals')).toMatchObject({ seals: [{ state: 'open' }] });
    expect(await world.read('carl', '/health')).toEqual({ services: [] });
    const open = await Promise.all(
      Array.from({ length: 16 }, () => world.follow('carl', '/tenants/acme/live')),
    );
    expect((await world.ask('carl', 'GET', '/tenants/acme/live')).status).toBe(429);
    for (const each of open) each.end();
    await Promise.all(open.map(({ ended }) => ended));
    await expect
      .poll(async () => {
        const again = await world.follow('carl', '/tenants/acme/live');
        again.end();
        return again.response.status;
      })
      .toBe(200);
  });
});

describe('dead letters', () => {
  const bury = (subject: string, recordingId: string) =>
    say(
      subject.startsWith('events.') ? index : encryptor,
      SUBJECTS.deadLetter(subject),
      { recordingId },
      {
        ...{ 'Sealtrack-Reason': 'PROFILE_NOT_FOUND', 'Sealtrack-Message': 'There is none' },
        ...{ 'Sealtrack-Next-Step': 'Create it.', 'Sealtrack-Original-Subject': subject, traceparent: TRACE },
      },
    );
  const list = (user: 'alice' | 'carl', tenant: string, page = '') =>
    world.read(user, `/tenants/${tenant}/dead-letters${page}`) as Promise<DeadLetterList>;

  test('are listed newest first, those of the tenant, and looked into', async () => {
    for (let each = 0; each < 60; each += 1) await bury('captures.demo.101', `call-${each}`);
    await bury('captures.acme.7', 'other');
    await bury('events.demo.recording.encrypted', 'lost');
    const first = await list('alice', 'demo');
    expect(first.deadLetters.map(({ number }) => number)).toEqual([62, ...range(60, 12)]);
    expect(first.deadLetters[1]).toEqual({
      ...{ number: 60, subject: 'captures.demo.101', at: expect.any(String), reason: 'PROFILE_NOT_FOUND' },
      ...{ message: 'There is none', nextStep: 'Create it.', traceId: 'a'.repeat(32) },
    });
    const second = await list('alice', 'demo', `?page=${first.nextPage}`);
    expect(second.deadLetters.map(({ number }) => number)).toEqual(range(11, 1));
    expect(second.nextPage).toBe(null);
    expect((await list('carl', 'acme')).deadLetters.map(({ number }) => number)).toEqual([61]);
    expect(await world.read('alice', '/tenants/demo/dead-letters/60')).toMatchObject({
      ...{ number: 60, payload: { recordingId: 'call-59' }, headers: { traceparent: TRACE } },
    });
    expect((await world.ask('carl', 'GET', '/tenants/acme/dead-letters/60')).status).toBe(404);
    expect((await world.ask('carl', 'GET', '/tenants/demo/dead-letters')).status).toBe(403);
  });

  test('are handed over again, once, by who may', async () => {
    const retry = async (user: 'alice' | 'ben' | 'carl', tenant: string, number: number) => {
      const response = await world.ask(user, 'POST', `/tenants/${tenant}/dead-letters/${number}/retry`);
      return [response.status, ((await response.json()) as { code?: string }).code];
    };
    expect(await retry('ben', 'demo', 60)).toEqual([403, 'PERMISSION_DENIED']);
    expect(await retry('carl', 'acme', 60)).toEqual([404, 'OBJECT_NOT_FOUND']);
    expect(await retry('alice', 'demo', 62)).toEqual([400, 'INVALID_ARGUMENT']);
    const both = await Promise.all([retry('alice', 'demo', 60), retry('alice', 'demo', 60)]);
    expect(both.map(([status]) => status)).toContain(202);
    expect(await retry('alice', 'demo', 60)).toEqual([404, 'OBJECT_NOT_FOUND']);
    const { state } = await encryptor.link.manager.streams.info(STREAMS.captures);
    expect(state.messages).toBe(1);
    expect((await list('alice', 'demo')).deadLetters.map(({ number }) => number)).not.toContain(60);
  });
});

describe('what is on record', () => {
  const append = async (tenantId: string, recordingIds: readonly string[]) => {
    using tls = await tlsOf(system, 'crypto-server');
    const signer = createSigner(tls);
    await using writer = createAuditWriter({
      ...{ stream: createBusStream(crypto), signer, source: 'crypto-server' },
      // None on its way, however slow the machine is: records are counted below.
      checkpoints: { records: 1_000, ms: 3_600_000 },
      log: { info: () => {}, warn: () => {}, error: () => {} },
    });
    for (const recordingId of recordingIds)
      await writer.append({
        ...{ subject: SUBJECTS.audit(tenantId, 'media-decrypt'), kind: EVENT_KINDS.mediaDecryptRequested },
        data: MediaDecryptRequested.fromPartial({ tenantId, recordingId, user: 'anna', caller: 'x y' }),
        traceparent: TRACE,
      });
  };
  const walk = async (user: 'alice' | 'ben', query: string) => {
    const found: number[] = [];
    for (let page = ''; ; ) {
      const answer = (await world.read(user, `/tenants/demo/audit?${query}${page}`)) as AuditPage;
      found.push(...answer.records.map(({ sequence }) => sequence));
      if (answer.nextPage === null) return found;
      expect(answer.searchedTo).toMatch(/Z$/);
      page = `&page=${answer.nextPage}`;
    }
  };

  test('is found page by page to its beginning, that of the tenant, and what concerns none by who may', async () => {
    await append(
      'demo',
      range(89, 0).map((each) => `call-${each}`),
    );
    await append('acme', ['other']);
    // An opening, 90 records and the last checkpoint; then an opening, the other tenant's record, and a checkpoint.
    expect(await walk('ben', '')).toEqual(range(91, 2));
    expect(await walk('alice', 'all=1')).toEqual([95, 93, ...range(92, 1)]);
    expect(await walk('ben', 'recording=call-7&user=anna&action=media-decrypt&caller=x')).toEqual([84]);
    expect(await walk('ben', 'user=nobody&from=&until=')).toEqual([]);
    expect(await walk('ben', 'from=2100-01-01T00:00:00Z')).toEqual([]);
    expect(await walk('ben', 'recording=other')).toEqual([]);
    const { records } = (await world.read('ben', '/tenants/demo/audit?recording=call-7')) as AuditPage;
    expect(records).toEqual([
      {
        ...{ sequence: 84, at: expect.any(String), action: 'media-decrypt', source: 'crypto-server' },
        ...{ chain: expect.stringMatching(/^[0-9a-f]{32}$/), traceId: 'a'.repeat(32) },
        body: expect.objectContaining({ recordingId: 'call-7', user: 'anna' }),
      },
    ]);
    expect((await world.ask('ben', 'GET', '/tenants/demo/audit?all=1')).status).toBe(403);
    expect((await world.ask('ben', 'GET', '/tenants/acme/audit')).status).toBe(403);
    expect((await world.ask('carl', 'GET', '/tenants/acme/audit')).status).toBe(403);
  });

  test('leaves as a file, of the tenant or whole', async () => {
    const exported = async (user: 'alice' | 'ben', query: string) => {
      const response = await world.ask(user, 'GET', `/tenants/demo/audit/export${query}`);
      const lines = (await response.text()).trimEnd().split('\n');
      return { response, numbers: lines.map((line) => (JSON.parse(line) as { sequence: number }).sequence) };
    };
    const { response, numbers } = await exported('ben', '');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="audit-demo.jsonl"');
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(numbers).toEqual(range(91, 2).toReversed());
    expect((await exported('ben', '?recording=call-7')).numbers).toEqual([84]);
    expect((await exported('alice', '?all=1')).numbers).toEqual(range(95, 1).toReversed());
    expect((await world.ask('ben', 'GET', '/tenants/demo/audit/export?all=1')).status).toBe(403);
  });

  test('is verified, with who signed it, by who may read all of it', async () => {
    expect((await world.ask('ben', 'GET', '/audit/verification')).status).toBe(403);
    const verification = await world.follow('alice', '/audit/verification');
    await verification.ended;
    expect(verification.messages[0]).toEqual({ type: 'progress', records: 0, total: 95 });
    expect(verification.messages.at(-1)).toMatchObject({
      type: 'report',
      report: { ok: true, records: 95, chains: 2, signatures: { signers: { 'crypto-server': 4 } } },
    });
  });
});

/** From a number down to another. */
function range(from: number, to: number): number[] {
  return Array.from({ length: from - to + 1 }, (_, each) => from - each);
}
