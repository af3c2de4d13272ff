import type { StoredRecord } from '@sealtrack/audit-trail/record';
import { memoryStream } from '@sealtrack/audit-trail/testing/memory-stream';
import { access, renumbered, writerOn } from '@sealtrack/audit-trail/testing/some-log';
import { expect, test } from 'vitest';
import { createVerifyAudit, type Progress } from './verify-audit.ts';

const stream = memoryStream();
{
  await using writer = writerOn(stream, undefined, { checkpoints: { records: 500, ms: 60_000 } });
  for (let each = 0; each < 2_500; each += 1) await writer.append(access(`call-${each}`));
}
const log = stream.records;

/** A log that is read as far as the test lets it. */
function logOf(records: readonly StoredRecord[]) {
  const begun: AbortSignal[] = [];
  let go = Promise.resolve();
  return {
    begun,
    holdUntil(until: Promise<void>) {
      go = until;
    },
    async *read(signal: AbortSignal) {
      begun.push(signal);
      await go;
      for (const record of records) {
        if (signal.aborted) return;
        yield record;
      }
    },
  };
}
const verifying = (records: readonly StoredRecord[]) => {
  const read = logOf(records);
  const judges = { verifier: undefined, servers: ['crypto-server'] };
  const verify = createVerifyAudit({ read: read.read, count: async () => records.length, judges });
  return { verify, read };
};
const nothing = () => {};

test('who asks while it is verified looks on, and it ends when the last one left', async () => {
  const { verify, read } = verifying(log);
  const { promise, resolve } = Promise.withResolvers<void>();
  read.holdUntil(promise);
  const [one, other, late] = [new AbortController(), new AbortController(), new AbortController()];
  const progress: Progress[] = [];
  const first = verify({ progress: (each) => void progress.push(each), signal: one.signal });
  const second = verify({ progress: nothing, signal: other.signal });
  const third = verify({ progress: nothing, signal: late.signal });
  late.abort();
  await expect(third).rejects.toMatchObject({ code: 'CANCELLED' });
  resolve();
  const report = await first;
  expect(await second).toBe(report);
  expect(report).toMatchObject({ ok: true, records: log.length, problems: [] });
  expect(read.begun).toHaveLength(1);
  expect(progress.map(({ records }) => records)).toEqual([0, 1_000, 2_000, log.length]);

  read.holdUntil(new Promise(() => {}));
  const leaver = new AbortController();
  const left = verify({ progress: nothing, signal: leaver.signal });
  await expect.poll(() => read.begun.length).toBe(2);
  leaver.abort();
  await expect(left).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(read.begun[1]?.aborted).toBe(true);
  // Whoever comes now does not get what was given up.
  read.holdUntil(Promise.resolve());
  expect(await verify({ progress: nothing, signal: other.signal })).toMatchObject({ ok: true });
});

test.each<[string, StoredRecord[]]>([
  ['removed', renumbered(log.toSpliced(700, 1))],
  ['changed', log.with(700, { ...(log[700] as StoredRecord), body: Buffer.from('{"tenantId":"demo"}') })],
])('a record that was %s is named', async (kind, records) => {
  const { verify } = verifying(records);
  const report = await verify({ progress: nothing, signal: new AbortController().signal });
  expect(report).toMatchObject({ ok: false, found: 1, problems: [{ kind, records: [701, 701] }] });
});
