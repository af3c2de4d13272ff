import { readdirSync } from 'node:fs';
import type { TenantId } from '@sealtrack/ids/ids';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { expect, test } from 'vitest';
import { deleteUntil, requestDeletion } from './domain/deletion.ts';
import { createPurgeCertificates } from './purge-certificates.ts';
import { certificatesOf } from './testing/certificates-of.ts';
import { cryptoParts } from './testing/crypto-parts.ts';

const { redis, certificates, backup, backupPath } = await cryptoParts();
const { add, idOf } = certificatesOf({ redis, certificates });
const deletedAt = new Date('2026-01-01T00:00:00Z');
const due = new Date('2026-01-02T00:00:00Z');
const deletion = deleteUntil({ recordings: 0n, approvers: ['anna'] }, deletedAt, 24 * 60 * 60 * 1000);

interface Options {
  readonly now?: Date;
  readonly tenants?: readonly string[];
  readonly stop?: AbortController;
  /** Called before each record; what it throws is why there is none. */
  readonly onRecord?: (certificateId: string) => void;
}

async function purge({ now = due, tenants = ['demo'], stop = new AbortController(), ...more }: Options = {}) {
  const records: unknown[] = [];
  const { lines, log } = noteLines();
  const certificateDeletion = async (record: { certificateId: string }) => {
    more.onRecord?.(record.certificateId);
    records.push(record);
  };
  const work = createPurgeCertificates({
    ...{ certificates, backup, log, clock: () => now, recordings: { count: async () => 0n } },
    assignments: { usesOf: async () => ({ profiles: [], screen: false, holding: false }) },
    audit: { certificateDeletion } as never,
  });
  async function* each() {
    yield* tenants as TenantId[];
  }
  await work(each(), stop.signal);
  return { records, lines };
}

const left = async (tenantId: string) =>
  (
    await certificates.page(tenantId as TenantId, {
      ...{ words: [], after: undefined, limit: 500, deleted: 'also' },
    })
  ).certificates.map(({ alias }) => alias);

test('what is due goes to the millisecond, on record, and what is not deleted stays', async () => {
  await backup.keep(await add('demo', 'deleted', { deletion }), 'sealed');
  await add('demo', 'kept');
  await purge({ now: new Date(due.getTime() - 1) });
  expect(await left('demo')).toEqual(['deleted', 'kept']);
  const { records, lines } = await purge();
  expect(await left('demo')).toEqual(['kept']);
  expect(readdirSync(`${backupPath}/demo`)).toEqual([]);
  const record = { tenantId: 'demo', certificateId: idOf('deleted'), action: 'purged', recordings: 0n };
  expect(records).toEqual([{ ...record, approvers: ['anna'], caller: 'crypto-server' }]);
  expect(lines).toMatchObject([{ level: 'warn', fields: { certificateId: idOf('deleted') } }]);
});

test('a deletion that was asked for and never approved takes nothing, however long ago', async () => {
  const certificate = await add('asked', 'a');
  const request = { recordings: 0n, now: deletedAt, nonce: 'n' };
  await certificates.replace(certificate, {
    ...certificate,
    deletion: requestDeletion(certificate, request),
  });
  const { records } = await purge({ tenants: ['asked'], now: new Date('2027-01-01T00:00:00Z') });
  expect([records, await left('asked')]).toEqual([[], ['a']]);
});

test('all that is due goes, of every tenant, however much', async () => {
  const names = Array.from({ length: 201 }, (_, index) => String(index).padStart(3, '0'));
  await Promise.all(names.map((name) => add('one', name, { deletion })));
  await add('two', 'a', { deletion });
  const { records } = await purge({ tenants: ['one', 'two'] });
  expect(records).toHaveLength(names.length + 1);
  expect([await left('one'), await left('two')]).toEqual([[], []]);
});

test('one that cannot be put on record stays, with its copy, and keeps no other from going', async () => {
  await backup.keep(await add('some', 'a', { deletion }), 'sealed');
  await add('some', 'b', { deletion });
  const { lines } = await purge({
    tenants: ['some'],
    onRecord: (id) => {
      if (id === idOf('a')) throw new Error('no room');
    },
  });
  expect(await left('some')).toEqual(['a']);
  expect(readdirSync(`${backupPath}/some`)).toEqual([`${idOf('a')}.json`]);
  expect(lines).toMatchObject([
    { level: 'warn', fields: { certificateId: idOf('a'), err: { message: 'no room' } } },
    { level: 'warn', fields: { certificateId: idOf('b') } },
  ]);
});

test('one that was restored meanwhile stays', async () => {
  const certificate = await add('back', 'a', { deletion });
  await purge({
    tenants: ['back'],
    onRecord: () => void certificates.replace(certificate, { ...certificate, deletion: undefined }),
  });
  expect(await left('back')).toEqual(['a']);
});

test('once it is stopped it goes to no other tenant', async () => {
  for (const tenant of ['first', 'second']) await add(tenant, 'a', { deletion });
  const stop = new AbortController();
  await purge({ tenants: ['first', 'second'], stop, onRecord: () => stop.abort() });
  expect([await left('first'), await left('second')]).toEqual([[], ['a']]);
});
