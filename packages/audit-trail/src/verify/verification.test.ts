import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { StoredRecord } from '../record.ts';
import { memoryStream } from '../testing/memory-stream.ts';
import { testSigners } from '../testing/signers.ts';
import { access, positionOf, renumbered, verified, writerOn, wrong } from '../testing/some-log.ts';

const signers = await testSigners();
afterAll(() => signers[Symbol.asyncDispose]());
const { verifier } = signers;
const server = signers.of('crypto-server');

/** Two servers at once, one of which loses a record on the way; then a third one. All end well. */
async function someLog(signer = server): Promise<StoredRecord[]> {
  let times = 0;
  const stream = memoryStream(({ body }) =>
    body.toString().includes('"gets-lost"') && times++ === 0 ? 'lost' : 'stored',
  );
  const [one, other] = [writerOn(stream, signer), writerOn(stream, signer)];
  for (let each = 0; each < 13; each += 1) {
    const appended = [one.append(access(`a${each}`)), other.append(access(`b${each}`, 'acme'))];
    if (each === 7) appended.push(other.append(access('gets-lost')));
    await Promise.all(appended);
  }
  await one[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
  const last = writerOn(stream, signer);
  await Promise.all([1, 2, 3, 4, 5, 6].map((each) => last.append(access(`c${each}`))));
  await last[Symbol.asyncDispose]();
  return stream.records;
}
const log = await someLog();

test('a log that nobody has touched has nothing wrong with it', async () => {
  const report = await verified(log, verifier);
  expect(wrong(report)).toEqual([]);
  expect(report).toMatchObject({
    ...{ ok: true, records: log.length, chains: 4, beforeChains: 0, beginsInMiddle: false, open: [] },
    signatures: {
      judged: true,
      signers: { 'crypto-server': report.checkpoints + report.chains },
      unsigned: 0,
    },
  });
  expect(report.checkpoints).toBeGreaterThan(5);
});

type Mutation = (records: StoredRecord[], at: number, more: number) => readonly StoredRecord[];
const edited =
  (change: (record: StoredRecord, more: number) => Partial<StoredRecord>): Mutation =>
  (records, at, more) =>
    records.map((record, index) => (index === at ? { ...record, ...change(record, more) } : record));
const headerNames = ({ headers }: StoredRecord) => Object.keys(headers);
const pick = <T>(all: readonly T[], more: number): T => all[more % all.length] as T;

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  removed: (records, at) => records.toSpliced(at, 1),
  'removed with those behind it': (records, at, more) => records.toSpliced(at, 1 + (more % 5)),
  'another body': edited(({ body }, more) => {
    const changed = Buffer.from(body);
    const index = more % changed.length;
    changed[index] = (changed[index] ?? 0) ^ 1;
    return { body: changed };
  }),
  'another header': edited((record, more) => {
    const name = pick(headerNames(record), more);
    const value = record.headers[name] ?? '';
    const index = more % value.length;
    const changed = `${value.slice(0, index)}${value[index] === 'e' ? 'f' : 'e'}${value.slice(index + 1)}`;
    return { headers: { ...record.headers, [name]: changed } };
  }),
  'a header less': edited((record, more) => {
    // What the broker knows it by may be left out in a copy.
    const names = headerNames(record).filter((name) => name !== 'Nats-Msg-Id');
    const { [pick(names, more)]: _, ...headers } = record.headers;
    return { headers };
  }),
  'a header more': edited(({ headers }) => ({ headers: { ...headers, 'ce-more': 'x' } })),
  'a header twice': edited((record, more) => {
    const name = pick(
      headerNames(record).filter((each) => each !== 'Nats-Msg-Id'),
      more,
    );
    return { headers: { ...record.headers, [name.toUpperCase()]: 'x' } };
  }),
  'another subject': edited(({ subject }) => ({ subject: `${subject}s` })),
  'behind another one of its chain': (records, at, more) => {
    const { chain } = positionOf(records[at] as StoredRecord);
    const behind = records.flatMap((record, index) =>
      index > at && positionOf(record).chain === chain ? [index] : [],
    );
    const to = pick(behind, more);
    if (to === undefined) return records.toSpliced(at, 1);
    return records.toSpliced(to + 1, 0, records[at] as StoredRecord).toSpliced(at, 1);
  },
  'there once more': (records, at, more) =>
    records.toSpliced(at + 1 + (more % (records.length - at)), 0, records[at] as StoredRecord),
  'in front of it one of the same number': (records, at) => {
    const record = records[at] as StoredRecord;
    return records.toSpliced(at, 0, { ...record, body: Buffer.from('{"tenantId":"demo"}') });
  },
  'a record of no chain behind it': (records, at) => {
    const record = records[at] as StoredRecord;
    const headers = Object.fromEntries(
      Object.entries(record.headers).filter(([name]) => !/chain|msg-id/i.test(name)),
    );
    return records.toSpliced(at + 1, 0, { ...record, headers });
  },
};

/** The end of a chain that nobody has seen cannot be told from a server that was killed: then it is said that it has no end. */
const isSaid = (open: readonly { chain: string }[], chain: string, sequence: number, left: StoredRecord[]) =>
  open.some((each) => each.chain === chain) &&
  !left.some(
    ({ headers }) => headers['ce-chain'] === chain && Number(headers['ce-chainsequence']) > sequence,
  );

describe('whatever single thing somebody does to a log is found, and named', () => {
  test.each(Object.keys(MUTATIONS))('%s', async (name) => {
    const mutate = MUTATIONS[name] as Mutation;
    const mutation = fc.tuple(fc.nat(log.length - 1), fc.nat(1_000));
    await fc.assert(
      fc.asyncProperty(mutation, async ([at, more]) => {
        const { chain, sequence } = positionOf(log[at] as StoredRecord);
        const changed = renumbered(mutate([...log], at, more));
        const { ok, problems, open } = await verified(changed, verifier);
        if (ok) return isSaid(open, chain, sequence, changed);
        const isNamed = problems.some(
          (problem) =>
            problem.sequence === at + 1 ||
            problem.sequence === at + 2 ||
            (problem.chain === chain &&
              problem.records !== undefined &&
              problem.records[0] <= sequence &&
              sequence <= problem.records[1]),
        );
        return isNamed;
      }),
      { numRuns: 60 },
    );
  });
});
