import { expect, test } from 'vitest';
import { cryptoParts } from '../testing/crypto-parts.ts';
import { guardKeyrings } from './guarded-keyrings.ts';

const { redis, keyring, keyrings, backup } = await cryptoParts();
const record = await keyring.record();
const guarded = guardKeyrings(keyrings, backup.keyring);

test('what is in Redis counts, whatever the copy is', async () => {
  const odd = guardKeyrings(keyrings, async () => {
    throw new Error('the folder was asked');
  });
  expect(await odd.load()).toEqual(record);
  expect(await guarded.isStored(record)).toBe(true);
});

test('an empty Redis beside a copy is a loss, and beside none it is new', async () => {
  await redis.client.flushall();
  await expect(guarded.load()).rejects.toMatchObject({
    code: 'SEAL_BROKEN',
    fix: expect.stringContaining('sealtrack keys restore'),
  });
  expect(await guardKeyrings(keyrings, async () => undefined).load()).toBeUndefined();
  // Its shares were never given, so nothing is sealed under it.
  const unproven = { ...record, root: { ...record.root, unproven: true } } as const;
  expect(await guardKeyrings(keyrings, async () => unproven).load()).toBeUndefined();
  expect(await guarded.save(record, undefined)).toBe(true);
  expect(await guarded.load()).toEqual(record);
});
