import { connectBus } from '@sealtrack/bus/connect';
import { publishUntilStored } from '@sealtrack/bus/publish';
import { ensureStreams } from '@sealtrack/bus/streams';
import { faultyWire } from '@sealtrack/bus/testing/faulty-wire';
import { STREAMS } from '@sealtrack/contracts/subjects';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, describe, expect, test } from 'vitest';
import { readAudit } from './read-audit.ts';
import type { StoredRecord } from './record.ts';
import { testSigners } from './testing/signers.ts';
import { access, positionOf, verified, writerOn, wrong } from './testing/some-log.ts';
import { createBusStream } from './write/bus-stream.ts';

const nats = await testNats();
const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());
const signers = stack.use(await testSigners());
const { verifier } = signers;
const server = signers.of('crypto-server');
const connected = async (url: string) =>
  stack.use(await connectBus({ transport: PLAINTEXT, url, name: 'test' }));
const bus = await connected(nats.url);
await ensureStreams(bus);
const { signal } = new AbortController();
const stored = () => Array.fromAsync(readAudit(bus, { signal }));
const writer = (on = bus) => writerOn(createBusStream(on), server, { checkpoints: { records: 40, ms: 200 } });

/** Appends from so many callers at once until it is told to end; the ids of all that resolved. */
function keepAppending(to: ReturnType<typeof writer>, name: string, callers: number) {
  const kept: string[] = [];
  let isOver = false;
  const all = Array.from({ length: callers }, async (_, caller) => {
    for (let each = 0; !isOver; each += 1) {
      const id = `${name}-${caller}-${each}`;
      await to.append(access(id)).then(
        () => kept.push(id),
        () => {},
      );
    }
  });
  return {
    kept,
    async end() {
      isOver = true;
      await Promise.all(all);
    },
  };
}
const isAtLeast = (kept: readonly string[], count: number) =>
  expect.poll(() => kept.length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(count);

test('two servers under load, a broker that is killed, and connections that break and fall silent: nothing is lost, and nothing looks wrong', async () => {
  const wire = stack.use(await faultyWire(nats.url));
  const writers = [writer(), writer(await connected(wire.url))];
  const load = writers.map((each, index) => keepAppending(each, `w${index}`, 20));
  const kept = () => load.flatMap((each) => each.kept);
  const reach = (more: number) =>
    Promise.all(load.map((each) => isAtLeast(each.kept, each.kept.length + more)));
  await reach(100);
  wire.cut();
  await reach(100);
  wire.swallowReplies();
  await isAtLeast(load[0]?.kept ?? [], kept().length + 100);
  wire.cut();
  await reach(100);
  await nats.kill();
  await nats.restart();
  await reach(100);
  for (const each of load) await each.end();
  for (const each of writers) await each[Symbol.asyncDispose]();
  const records = await stored();
  const ids = new Set(records.map(({ body }) => JSON.parse(Buffer.from(body).toString()).recordingId));
  expect(kept().filter((id) => !ids.has(id))).toEqual([]);
  const report = await verified(records, verifier);
  expect(wrong(report)).toEqual([]);
  expect(report.chains).toBeGreaterThan(2);
  expect(report.open).toEqual([]);
});

/** As only somebody with the broker's disk can: the stream is made anew, with something else in it. */
async function rebuild(records: readonly StoredRecord[]): Promise<void> {
  const { streams } = bus.link.manager;
  const { config } = await streams.info(STREAMS.audit);
  await streams.delete(STREAMS.audit);
  await streams.add(config);
  // Or the stream would know it: whoever rebuilds it can let its window pass.
  for (const [index, { subject, headers, body }] of records.entries())
    await publishUntilStored(bus, {
      subject,
      headers,
      body,
      messageId: headers['Nats-Msg-Id'] ?? `x${index}`,
    });
}

describe('on a stream that was rebuilt', () => {
  let log: StoredRecord[] = [];
  const changed = (at: number, change: Partial<StoredRecord>) =>
    log.with(at, { ...(log[at] as StoredRecord), ...change });

  test('as it was, nothing is wrong', async () => {
    await rebuild([]);
    const one = writer();
    for (let each = 0; each < 12; each += 1) await one.append(access(`r${each}`));
    await one[Symbol.asyncDispose]();
    log = await stored();
    await rebuild(log);
    expect(wrong(await verified(await stored(), verifier))).toEqual([]);
  });

  test.each<[string, string[], () => readonly StoredRecord[]]>([
    ['a removed record', ['removed #4 @4'], () => log.toSpliced(3, 1)],
    ['another body', ['changed #4 @4'], () => changed(3, { body: Buffer.from('{"tenantId":"demo"}') })],
    [
      'another header',
      ['changed #4 @4'],
      () => changed(3, { headers: { ...log[3]?.headers, 'ce-time': '2020-01-01T00:00:00.000Z' } }),
    ],
    [
      'two in another order',
      ['moved #4 @5'],
      () => log.with(3, log[4] as StoredRecord).with(4, log[3] as StoredRecord),
    ],
    [
      'one more of the same number, under an id of its own',
      ['malformed @5'],
      () =>
        log.toSpliced(4, 0, {
          ...(log[3] as StoredRecord),
          headers: { ...log[3]?.headers, 'Nats-Msg-Id': 'another' },
        }),
    ],
  ])('%s is named', async (_, problems, change) => {
    await rebuild(change());
    expect(wrong(await verified(await stored(), verifier))).toEqual(problems);
  });

  test('old records that fall out are no fault', async () => {
    await rebuild(log);
    const { streams } = bus.link.manager;
    await streams.update(STREAMS.audit, { max_msgs: 6, discard: 'old' });
    const records = await stored();
    expect(positionOf(records[0] as StoredRecord).sequence).toBeGreaterThan(1);
    expect(await verified(records, verifier)).toMatchObject({ ok: true, beginsInMiddle: true, cutChains: 1 });
  });
});
