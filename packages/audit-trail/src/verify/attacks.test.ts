import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { Signer } from '@sealtrack/statements/statement';
import { afterAll, describe, expect, test } from 'vitest';
import { lowerCased, messageIdOf, positionHeaders, type StoredRecord } from '../record.ts';
import { recordHash } from '../record-hash.ts';
import { memoryStream } from '../testing/memory-stream.ts';
import { testSigners } from '../testing/signers.ts';
import { access, positionOf, renumbered, verified, writerOn, wrong } from '../testing/some-log.ts';

const signers = await testSigners();
afterAll(() => signers[Symbol.asyncDispose]());
const { verifier } = signers;
const server = signers.of('crypto-server');

/** One chain after the other, each of so many accesses, then closed. */
async function chains(
  lengths: readonly number[],
  signer: Signer | 'nobody' = server,
  stream = memoryStream(),
): Promise<readonly StoredRecord[]> {
  for (const [index, length] of lengths.entries()) {
    const writer = writerOn(stream, signer === 'nobody' ? undefined : signer);
    for (let each = 0; each < length; each += 1) await writer.append(access(`r${index}-${each}`));
    await writer[Symbol.asyncDispose]();
  }
  return stream.records;
}

/** As chained anew by somebody who has no key. */
function rechained(records: readonly StoredRecord[]): StoredRecord[] {
  let previous: string | undefined;
  return records.map((record) => {
    const position = positionOf(record);
    const placed = { ...position, previous: previous ?? position.previous };
    const headers = { ...record.headers, ...positionHeaders(placed) };
    previous = recordHash(record, lowerCased(headers));
    return { ...record, headers };
  });
}

const withBody = (record: StoredRecord | undefined, change: (body: Record<string, unknown>) => object) => {
  if (record === undefined) throw new Error('There is one');
  return {
    ...record,
    body: Buffer.from(JSON.stringify(change(JSON.parse(Buffer.from(record.body).toString())))),
  };
};
const isOf = (what: string) => (record: StoredRecord) => record.subject === what;

/** What anybody can make of a record, to stand behind another one. */
function following(before: StoredRecord, record: StoredRecord, laterMs = 1_000): StoredRecord {
  const { chain, sequence } = positionOf(before);
  const position = {
    chain,
    sequence: sequence + 1,
    previous: recordHash(before, lowerCased(before.headers)),
  };
  return {
    ...record,
    sequence: before.sequence + 1,
    time: new Date(before.time.getTime() + laterMs),
    headers: { ...record.headers, ...positionHeaders(position), 'Nats-Msg-Id': messageIdOf(position) },
  };
}

describe('somebody who can write the log, and has no key of a crypto server', () => {
  test('cannot chain what he has changed anew: the checkpoint that vouches for it names it', async () => {
    const log = [...(await chains([12]))];
    log[3] = withBody(log[3], (body) => ({ ...body, recordingId: 'another' }));
    const report = await verified([...log.slice(0, 4), ...rechained(log.slice(3)).slice(1)], verifier);
    expect(wrong(report)[0]).toMatch(/^changed #/);
    const [from = 0, to = 0] = report.problems[0]?.records ?? [];
    expect(from).toBeGreaterThanOrEqual(4);
    expect(to).toBeLessThanOrEqual(11);
  });

  test('cannot cut off what a checkpoint vouches for, nor put a later end in its place', async () => {
    const log = await chains([12]);
    const last = log.at(-1) as StoredRecord;
    const cut = [...log.slice(0, 6), last];
    expect(wrong(await verified(renumbered(cut), verifier))).toEqual([
      `removed #7-${positionOf(last).sequence - 1} @7`,
    ]);
    const forged = rechained([
      ...log.slice(0, 6),
      {
        ...last,
        headers: { ...last.headers, 'ce-chainsequence': '7', 'Nats-Msg-Id': `${positionOf(last).chain}.7` },
      },
    ]);
    expect(wrong(await verified(renumbered(forged), verifier))[0]).toBe('forged #7 @7');
  });

  test('cannot take a chain out that others have seen, be it the whole of it or its end', async () => {
    const log = await chains([3, 4, 3]);
    const second = positionOf(log[6] as StoredRecord).chain;
    const without = log.filter((record) => positionOf(record).chain !== second);
    expect((await verified(renumbered(without), verifier)).problems).toMatchObject([
      { kind: 'chain-removed', chain: second },
    ]);
    const cut = log.filter(
      (record) => positionOf(record).chain !== second || positionOf(record).sequence < 3,
    );
    expect(wrong(await verified(renumbered(cut), verifier))).toEqual(['removed #3-6 @8']);
  });

  test('cannot put something else in the place of an end that others have seen', async () => {
    const log = await chains([3, 2]);
    const end = positionOf(log[4] as StoredRecord);
    const forged = following(log[3] as StoredRecord, log[3] as StoredRecord);
    const report = await verified(log.with(4, { ...forged, sequence: 5 }), verifier);
    expect(report.problems).toMatchObject([{ kind: 'changed', chain: end.chain, records: [5, 5] }]);
  });

  test('cannot write on in the chain of a server that was killed', async () => {
    const killed = (await chains([7])).slice(0, -1);
    const last = killed.at(-1) as StoredRecord;
    const more = [following(last, killed[1] as StoredRecord)];
    expect(await verified([...killed, ...more], verifier)).toMatchObject({
      ok: true,
      open: [{ uncovered: 3 }],
    });
    for (let each = 0; each < 3; each += 1)
      more.push(following(more.at(-1) as StoredRecord, killed[1] as StoredRecord, 10 * 60_000));
    const report = await verified(renumbered([...killed, ...more]), verifier);
    expect(wrong(report)).toEqual([
      `inserted #${killed.length + 2}-${killed.length + 4} @${killed.length + 2}`,
    ]);
  });

  test.each<[string, string, () => Signer | 'nobody']>([
    ['with the certificate of another service', 'untrusted', () => signers.of('media-encryptor')],
    ['with a certificate of another CA', 'untrusted', () => signers.of('stranger')],
    ['without any', 'unsigned', () => 'nobody'],
  ])('cannot open a chain %s', async (_, kind, signer) => {
    const stream = memoryStream();
    await chains([2], server, stream);
    const before = stream.records.length;
    const log = await chains([1], signer(), stream);
    expect(new Set(wrong(await verified(log, verifier)))).toEqual(
      new Set([`${kind} #1 @${before + 1}`, `${kind} #3 @${before + 3}`]),
    );
  });

  test('cannot use a checkpoint for another place, or change what it says', async () => {
    const log = [...(await chains([12, 2]))];
    const at = log.findIndex(isOf(SUBJECTS.auditCheckpoint));
    const changes: ((body: Record<string, unknown>) => object)[] = [
      (body) => ({ ...body, closing: true }),
      (body) => ({ ...body, sequence: String(Number(body.sequence) - 1) }),
      (body) => ({ ...body, statement: '' }),
      (body) => ({ ...body, statement: `${String(body.statement).slice(0, -4)}AAAA` }),
      (body) => ({ ...body, chain: positionOf(log.at(-1) as StoredRecord).chain }),
    ];
    for (const change of changes) {
      const changed = log.with(at, withBody(log[at], change));
      const report = await verified(
        [...changed.slice(0, at), ...rechained(changed.slice(at, 16)), ...changed.slice(16)],
        verifier,
      );
      expect(report.problems.map(({ sequence }) => sequence)).toContain(at + 1);
    }
  });

  test('cannot have written all of it: it would have to be signed', async () => {
    expect(wrong(await verified(await chains([3], 'nobody'), verifier))).toEqual(['unsigned @5']);
  });
});

describe('what is no fault', () => {
  test('nobody signs in plaintext, which is said', async () => {
    const report = await verified(await chains([6, 1], 'nobody'), undefined);
    expect(report).toMatchObject({ ok: true, signatures: { judged: false, signers: {}, unsigned: 5 } });
  });

  test('a system that was in plaintext, and older than chains, before', async () => {
    const stream = memoryStream();
    await chains([2], 'nobody', stream);
    await chains([2], server, stream);
    const [first, second] = stream.records;
    const {
      'ce-chain': _,
      'ce-chainsequence': __,
      'ce-chainprevious': ___,
      'Nats-Msg-Id': id,
      ...headers
    } = second?.headers ?? {};
    const old = { ...(first as StoredRecord), headers: { ...headers, 'Nats-Msg-Id': `${id}-old` } };
    const log = renumbered([old, old, ...stream.records]);
    const report = await verified(log, verifier);
    expect(report).toMatchObject({
      ...{ ok: true, beforeChains: 2, chainsFrom: { sequence: 3 } },
      signatures: { unsigned: 2, signers: { 'crypto-server': 2 } },
    });
    expect(wrong(await verified(renumbered([...log, old]), verifier))).toEqual([
      `unchained @${log.length + 1}`,
    ]);
  });

  test('a log whose old records fell out begins in the middle of chains, wherever that is', async () => {
    const stream = memoryStream();
    const writers = [writerOn(stream, server), writerOn(stream, server)];
    for (let each = 0; each < 12; each += 1)
      await Promise.all(writers.map((writer, index) => writer.append(access(`w${index}-${each}`))));
    for (const writer of writers) await writer[Symbol.asyncDispose]();
    await chains([2], server, stream);
    const log = stream.records;
    for (let cut = 1; cut < log.length; cut += 1) {
      const report = await verified(log.slice(cut), verifier);
      expect([cut, wrong(report), report.beginsInMiddle]).toEqual([cut, [], true]);
      // Unless nothing was before it.
      expect((await verified(renumbered(log.slice(cut)), verifier)).ok).toBe(false);
    }
    const inside = log.slice(8).toSpliced(3, 1);
    expect((await verified(inside, verifier)).ok).toBe(false);
  });

  test('a server that was killed: its chain has no end, and how much of it nobody vouches for is said', async () => {
    const log = await chains([12]);
    const killed = log.slice(0, -1);
    expect(await verified(killed, verifier)).toMatchObject({
      ...{ ok: true, problems: [] },
      open: [{ records: killed.length, uncovered: expect.any(Number) }],
    });
    expect((await verified(log.slice(0, 4), verifier)).open).toMatchObject([{ records: 4, uncovered: 3 }]);
  });

  test('nothing at all', async () => {
    expect(await verified([], verifier)).toMatchObject({ ok: true, records: 0, chains: 0 });
  });
});
