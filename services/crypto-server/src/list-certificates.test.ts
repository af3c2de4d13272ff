import {
  type Certificate,
  Deletion_State,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { TenantId } from '@sealtrack/ids/ids';
import { describe, expect, test } from 'vitest';
import { deleteUntil } from './domain/deletion.ts';
import { createListCertificates } from './list-certificates.ts';
import { certificatesOf } from './testing/certificates-of.ts';
import { cryptoParts } from './testing/crypto-parts.ts';

const { redis, certificates, privateKeys } = await cryptoParts();
const list = createListCertificates(certificates, privateKeys, ({ alias }) => ({
  problem: alias === 'beta' ? 'revoked' : '',
  problemText: alias === 'beta' ? 'It was revoked.' : '',
}));
const { add, idOf } = certificatesOf({ redis, certificates });
const all = { pageSize: 0, pageToken: '', query: '', includeDeleted: false, expiresBefore: undefined };
const aliases = (found: { readonly certificates: readonly Certificate[] }) =>
  found.certificates.map(({ alias }) => alias);

test('a page says what there is, without its bulk, and what is so at the moment', async () => {
  const tenantId = 'one';
  await add(tenantId, 'beta', { der: Buffer.from('der'), chain: [Buffer.from('ca')] });
  await add(tenantId, 'Alpha', { hasPrivateKey: true });
  await redis.client.del(`st:{one}:key:${idOf('Alpha')}`);
  const { certificates: found, total, nextPageToken } = await list({ tenantId, ...all });
  expect({ total, nextPageToken }).toEqual({ total: 2, nextPageToken: '' });
  // Whether the key is there is looked up: import said that of Alpha.
  expect(found).toMatchObject([
    { alias: 'Alpha', problem: '', hasPrivateKey: false },
    { alias: 'beta', problem: 'revoked', problemText: 'It was revoked.', hasPrivateKey: true },
  ]);
  for (const { der, chain } of found) expect([der.length, chain]).toEqual([0, []]);
  expect((await certificates.get(tenantId as TenantId, idOf('beta')))?.der).toHaveLength(3);
});

test('pages follow each other: each certificate is on one of them, in order, also with one name for many', async () => {
  const tenantId = 'pages';
  const names = ['b', 'a', 'same', 'same', 'same', 'Z', 'ä', 'c'];
  for (const [index, name] of names.entries())
    await add(tenantId, name, { certificateId: idOf(String(index)) });
  const seen: Certificate[] = [];
  const sizes: number[] = [];
  let pageToken = '';
  do {
    const page = await list({ tenantId, ...all, pageSize: 3, pageToken });
    expect(page.total).toBe(names.length);
    seen.push(...page.certificates);
    sizes.push(page.certificates.length);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  expect(sizes).toEqual([3, 3, 2]);
  expect(seen.map(({ alias }) => alias)).toEqual(['a', 'b', 'c', 'same', 'same', 'same', 'Z', 'ä']);
  const same = seen.filter(({ alias }) => alias === 'same').map(({ certificateId }) => certificateId);
  expect(same).toEqual([...new Set(same)].sort());
});

test('the last page is the last, also when it is full', async () => {
  const tenantId = 'full';
  for (const name of ['a', 'b', 'c', 'd']) await add(tenantId, name);
  const first = await list({ tenantId, ...all, pageSize: 2 });
  const second = await list({ tenantId, ...all, pageSize: 2, pageToken: first.nextPageToken });
  expect([aliases(first), aliases(second), second.nextPageToken]).toEqual([['a', 'b'], ['c', 'd'], '']);
  // What comes after a page that was seen is not on it, and is not missed.
  await add(tenantId, 'aa');
  await add(tenantId, 'e');
  const after = await list({ tenantId, ...all, pageSize: 2, pageToken: first.nextPageToken });
  expect(aliases(after)).toEqual(['c', 'd']);
  const last = await list({ tenantId, ...all, pageSize: 2, pageToken: after.nextPageToken });
  expect([aliases(last), last.nextPageToken]).toEqual([['e'], '']);
  // A token of behind everything.
  const behind = Buffer.from('zzz').toString('base64url');
  expect(await list({ tenantId, ...all, pageToken: behind })).toMatchObject({
    ...{ certificates: [], total: 6, nextPageToken: '' },
  });
});

test('a page has 100, and at most 500', async () => {
  const tenantId = 'many';
  await Promise.all(Array.from({ length: 501 }, (_, index) => add(tenantId, String(index).padStart(3, '0'))));
  const short = await list({ tenantId, ...all });
  expect(aliases(short).at(-1)).toBe('099');
  const long = await list({ tenantId, ...all, pageSize: 500 });
  expect([long.certificates.length, aliases(long).at(-1)]).toEqual([500, '499']);
  await expect(list({ tenantId, ...all, pageSize: 501 })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    details: { field: 'page_size' },
  });
});

test('a search finds what has every word in it, wherever, in whatever case, and never across two fields', async () => {
  const tenantId = 'search';
  await add(tenantId, 'Sales North', { subject: 'CN=Müller', issuer: 'CN=Root', serialNumber: '0AFF' });
  await add(tenantId, 'Support', { subject: 'CN=North', issuer: 'CN=Private CA', serialNumber: '0B' });
  const find = async (query: string) => aliases(await list({ tenantId, ...all, query }));
  expect(await find('NORTH')).toEqual(['Sales North', 'Support']);
  expect(await find('  north   sales ')).toEqual(['Sales North']);
  expect(await find('müller')).toEqual(['Sales North']);
  expect(await find('private')).toEqual(['Support']);
  expect(await find('0aff')).toEqual(['Sales North']);
  expect(await find(idOf('Support').slice(5, 25).toUpperCase())).toEqual(['Support']);
  expect(await find('north nobody')).toEqual([]);
  expect(await find('northcn')).toEqual([]);
  const { total } = await list({ tenantId, ...all, query: 'north', pageSize: 1 });
  expect(total).toBe(2);
});

test('a search by the key finds every certificate on it', async () => {
  const tenantId = 'keys';
  await add(tenantId, 'old', { keyId: idOf('key') });
  await add(tenantId, 'new', { keyId: idOf('key') });
  await add(tenantId, 'other');
  expect(aliases(await list({ tenantId, ...all, query: idOf('key').slice(0, 16) }))).toEqual(['new', 'old']);
});

test('what is deleted is on the list for who asks for it, what waits for approval always', async () => {
  const tenantId = 'deleted';
  const deletion = deleteUntil({ recordings: 0n, approvers: [] }, new Date(), 1_000);
  await add(tenantId, 'deleted', { deletion });
  await add(tenantId, 'asked', { deletion: { ...deletion, state: Deletion_State.REQUESTED } });
  await add(tenantId, 'kept');
  expect(aliases(await list({ tenantId, ...all }))).toEqual(['asked', 'kept']);
  expect(aliases(await list({ tenantId, ...all, includeDeleted: true }))).toEqual([
    'asked',
    'deleted',
    'kept',
  ]);
  const only = await certificates.page(tenantId as TenantId, {
    ...{ words: [], after: undefined, limit: 10, deleted: 'only' },
  });
  expect(aliases(only)).toEqual(['deleted']);
});

describe('with expires_before', () => {
  const tenantId = 'ending';
  const day = (n: number) => new Date(Date.UTC(2026, 0, n));
  const until = (n: number) => ({ ...all, tenantId, expiresBefore: day(n) });

  test('come those that end before it, the soonest first, expired ones among them', async () => {
    for (const [alias, n] of Object.entries({ b: 10, a: 20, c: 10, d: 30, e: -4000 }))
      await add(tenantId, alias, { notAfter: day(n), subject: `CN=${alias === 'c' ? 'Sales' : 'Support'}` });
    await add(tenantId, 'without an end');
    await add(tenantId, 'never', { notAfter: new Date('9999-12-31T23:59:59Z') });
    expect(aliases(await list(until(20)))).toEqual(['e', 'b', 'c']);
    expect(aliases(await list({ ...until(20), expiresBefore: new Date(day(20).getTime() + 1) }))).toEqual([
      ...['e', 'b', 'c', 'a'],
    ]);
    expect(aliases(await list({ ...until(100), query: 'support' }))).toEqual(['e', 'b', 'a', 'd']);
    expect(aliases(await list(until(-5000)))).toEqual([]);
    // The order of other lists is theirs.
    expect(aliases(await list({ ...all, tenantId }))).toEqual([
      ...['a', 'b', 'c', 'd', 'e', 'never', 'without an end'],
    ]);
  });

  test('pages follow each other, also where many end at one moment, and as others come in between', async () => {
    const seen: string[] = [];
    for (let pageToken = ''; ; ) {
      const page = await list({ ...until(100), pageSize: 2, pageToken });
      seen.push(...aliases(page));
      pageToken = page.nextPageToken;
      if (pageToken === '') break;
      // Before the page that was read, and behind all.
      await add(tenantId, `early ${seen.length}`, { notAfter: day(-4001) });
      await add(tenantId, `late ${seen.length}`, { notAfter: day(40) });
    }
    expect(seen).toEqual(['e', 'b', 'c', 'a', 'd', 'late 2', 'late 4', 'late 6']);
    expect((await list({ ...until(100), pageSize: 2 })).total).toBe(11);
  });

  test('the longest name there can be makes a token that is taken here too', async () => {
    for (const name of ['𝒶', '𝒷']) await add('long-end', name.repeat(128), { notAfter: day(1) });
    const wanted = { ...until(2), tenantId: 'long-end', pageSize: 1 };
    const { nextPageToken } = await list(wanted);
    expect(aliases(await list({ ...wanted, pageToken: nextPageToken }))).toEqual(['𝒷'.repeat(128)]);
  });
});

test.each([
  ['expires_before', { expiresBefore: new Date(Number.NaN) }],
  ['page_token', { pageToken: 'not a token' }],
  ['page_token', { pageToken: 'a'.repeat(1_025) }],
  ['query', { query: 'x'.repeat(257) }],
  ['query', { query: 'two\nlines' }],
  ['tenant_id', { tenantId: 'No Tenant' }],
])('a wrong %s is refused by name', async (field, wrong) => {
  await expect(list({ tenantId: 'demo', ...all, ...wrong })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    details: { field },
  });
});

test('the longest name there can be still makes a token that is taken', async () => {
  const tenantId = 'long';
  for (const name of ['ä', 'ö']) await add(tenantId, name.repeat(128));
  const { nextPageToken } = await list({ tenantId, ...all, pageSize: 1 });
  const second = await list({ tenantId, ...all, pageSize: 1, pageToken: nextPageToken });
  expect(aliases(second)).toEqual(['ö'.repeat(128)]);
});
