import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { type Fate, memoryStream } from '../testing/memory-stream.ts';
import { testSigners } from '../testing/signers.ts';
import { access, positionOf, verified, writerOn, wrong } from '../testing/some-log.ts';

const signers = await testSigners();
afterAll(() => signers[Symbol.asyncDispose]());
const { verifier } = signers;
const server = signers.of('crypto-server');

const recordingsIn = (records: readonly { body: Uint8Array }[]) =>
  records.map(({ body }) => JSON.parse(Buffer.from(body).toString()).recordingId as string | undefined);

test('whatever becomes of what is sent, what resolved is on record, and verification finds nothing wrong', async () => {
  const fates: Fate[] = ['refused', 'lost', 'unacknowledged', 'late'];
  const faults = fc.array(fc.tuple(fc.nat(60), fc.constantFrom(...fates)), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(faults, fc.nat(20), fc.boolean(), async (planned, releaseAfter, isSameOpening) => {
      const fault = new Map(planned);
      const stream = memoryStream((_, nth) => fault.get(nth) ?? 'stored');
      const writer = writerOn(stream, server, {
        ...{ deadlineMs: 1_400, pauseMs: 1, sameOpeningMs: isSameOpening ? 60_000 : -1 },
      });
      const kept: string[] = [];
      for (let round = 0; round < 6; round += 1) {
        const ids = [0, 1, 2, 3].map((each) => `r${round}-${each}`);
        const outcomes = await Promise.allSettled(ids.map((id) => writer.append(access(id))));
        kept.push(...ids.filter((_, index) => outcomes[index]?.status === 'fulfilled'));
        if (round * 4 === releaseAfter) stream.release();
      }
      await writer[Symbol.asyncDispose]();
      stream.release();
      const stored = recordingsIn(stream.records);
      expect(kept.filter((id) => !stored.includes(id))).toEqual([]);
      const messages = stream.sent.map(({ messageId }) => messageId).filter((id) => !id.endsWith('.1'));
      expect(new Set(messages).size).toBe(messages.length);
      expect(wrong(await verified(stream.records, verifier))).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

test('exactly what was in doubt may be there or not: everything else that is missing is named', async () => {
  const write = async () => {
    let times = 0;
    const stream = memoryStream(({ body }) =>
      body.toString().includes('"x1"') && times++ === 0 ? 'unacknowledged' : 'stored',
    );
    const writer = writerOn(stream, server, { deadlineMs: 1_100 });
    for (const id of ['a', 'b']) await writer.append(access(id));
    await Promise.allSettled(['x0', 'x1', 'x2'].map((id) => writer.append(access(id))));
    await writer.append(access('c'));
    await writer[Symbol.asyncDispose]();
    return stream.records;
  };
  const records = await write();
  const inDoubt = recordingsIn(records).indexOf('x1');
  expect(inDoubt).toBeGreaterThan(2);
  for (let at = 0; at < records.length - 1; at += 1) {
    const { ok } = await verified(
      records.toSpliced(at, 1).map((record, index) => ({ ...record, sequence: index + 1 })),
      verifier,
    );
    const first = positionOf(records[at] as (typeof records)[number]);
    const mayBeMissing =
      first.chain === positionOf(records[0] as (typeof records)[number]).chain && at >= inDoubt;
    expect([at, ok]).toEqual([at, mayBeMissing]);
  }
});

test('without an answer in time it is AUDIT_UNAVAILABLE, and the chain goes on anew', async () => {
  const stream = memoryStream(({ body }) => (body.toString().includes('"bad') ? 'lost' : 'stored'));
  const writer = writerOn(stream, server, { deadlineMs: 1_150 });
  await writer.append(access('a'));
  await expect(writer.append(access('bad'))).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  await writer.append(access('b'));
  await writer[Symbol.asyncDispose]();
  await expect(writer.append(access('c'))).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  const report = await verified(stream.records, verifier);
  expect(report).toMatchObject({ ok: true, open: [] });
});

test('so many are sent at a time; who has to wait for too long is told, and nothing else suffers from it', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const memory = memoryStream();
  let inFlight = 0;
  let most = 0;
  const stream = {
    ...memory,
    send: async (message: Parameters<typeof memory.send>[0]) => {
      most = Math.max(most, ++inFlight);
      await promise;
      await memory.send(message, 1_000);
      inFlight -= 1;
    },
  };
  const writer = writerOn(stream, server, { maxInFlight: 3, deadlineMs: 1_100 });
  const first = [0, 1, 2].map((each) => writer.append(access(`a${each}`)));
  await expect(writer.append(access('late'))).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  resolve();
  await Promise.all(first);
  await writer[Symbol.asyncDispose]();
  expect(most).toBe(3);
  expect(await verified(memory.records, verifier)).toMatchObject({ ok: true, chains: 1, open: [] });
});

test('what is too large for the stream ends no chain', async () => {
  const stream = memoryStream();
  const writer = writerOn(stream, server);
  await writer.append(access('a'));
  await expect(writer.append(access('x'.repeat(250_000)))).rejects.toMatchObject({
    ...{ code: 'AUDIT_UNAVAILABLE', fix: expect.stringContaining('fewer') },
  });
  await writer.append(access('b'));
  await writer[Symbol.asyncDispose]();
  expect(await verified(stream.records, verifier)).toMatchObject({ ok: true, chains: 1 });
});

test('a checkpoint comes after a while, without another record, and no more of them while nothing happens', async () => {
  const stream = memoryStream();
  const writer = writerOn(stream, server, { checkpoints: { records: 100, ms: 20 } });
  await writer.append(access('a'));
  const checkpoints = () => stream.records.filter(({ subject }) => subject === 'audit._.checkpoint').length;
  await expect.poll(checkpoints).toBe(1);
  expect((await verified(stream.records, verifier)).open).toMatchObject([{ uncovered: 0 }]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(checkpoints()).toBe(1);
  await writer[Symbol.asyncDispose]();
});
