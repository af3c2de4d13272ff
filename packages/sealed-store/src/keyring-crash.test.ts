import { testRedis } from '@sealtrack/testkit/test-servers';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Keyring } from './keyring.ts';
import { encodeRecord, type KeyringRecord } from './keyring-record.ts';
import { readSealHeader } from './seal-format.ts';
import { createShamirProvider } from './shamir-provider.ts';
import type { Order } from './testing/keyring-child.ts';
import { keyringsOn, secretOf } from './testing/keyring-fixture.ts';
import { killedAtWrite, type Moment } from './testing/killed-at-write.ts';

const redisServer = await testRedis();
const fixture = keyringsOn(redisServer.url);
const { redis, keyrings, keys, unsealKeyText } = fixture;
afterAll(() => fixture[Symbol.asyncDispose]());
beforeEach(() => redis.client.flushall());

const NAMES = ['a', 'b', 'c'];
const MOMENTS: readonly Moment[] = ['before', 'after'];
const split = { total: 3, threshold: 2 };
const shamir = () => fixture.server({ provider: createShamirProvider() });

/** Each write of a work, killed before and after it. */
const moments = (writes: number) =>
  Array.from({ length: writes }, (_, index) => MOMENTS.map((moment) => [index + 1, moment] as const)).flat();

const kill = (order: Omit<Order, 'url' | 'unsealKeyText'>, nth: number, moment: Moment) =>
  killedAtWrite({ unsealKeyText, ...order }, { url: redisServer.url, nth, moment });

/** That the number of writes is as tested: one more is never made. */
async function expectWrites(order: Omit<Order, 'url' | 'unsealKeyText'>, writes: number): Promise<void> {
  expect(await kill(order, writes + 1, 'before')).toBe('done');
}

async function opened(): Promise<Keyring> {
  const keyring = fixture.server();
  expect((await keyring.open()).state).toBe('open');
  return keyring;
}
async function filled(): Promise<Keyring> {
  const keyring = await opened();
  for (const name of NAMES) {
    const { header, secret } = secretOf(name);
    await keyring.putKey(secret, header);
  }
  return keyring;
}
async function record(): Promise<KeyringRecord> {
  const found = await keyrings.load();
  if (found === undefined) throw new Error('There is no keyring');
  return found;
}
async function expectAllOpen(keyring: Keyring): Promise<number[]> {
  const numbers: number[] = [];
  for (const name of NAMES) {
    const { header, secret } = secretOf(name);
    const jwe = (await keys.get(header.tenant, header.keyId)) ?? '';
    expect((await keyring.unsealKey(jwe, header)).equals(secret)).toBe(true);
    numbers.push(readSealHeader(jwe).kekNumber);
  }
  return numbers;
}

describe('seal rotate', () => {
  const WRITES = NAMES.length + 2;

  test.each(moments(WRITES))('killed at write %i, %s it, loses nothing and goes on', async (nth, moment) => {
    await filled();
    expect(await kill({ work: 'rotate seal' }, nth, moment)).toBe('killed');

    const keyring = await opened();
    const done = nth - (moment === 'after' ? 0 : 1);
    const numbers = await expectAllOpen(keyring);
    const moved = Math.max(0, Math.min(done - 1, NAMES.length));
    expect(numbers.filter((number) => number === 2)).toHaveLength(moved);
    expect((await record()).rotation !== undefined).toBe(done >= 1 && done < WRITES);

    const isFinished = done === WRITES;
    if (!isFinished) await Array.fromAsync(keyring.rotateSeal());
    expect(await record()).toMatchObject({ current: 2, keks: [{ number: 1 }, { number: 2 }] });
    expect((await record()).rotation).toBeUndefined();
    expect(await expectAllOpen(await opened())).toEqual([2, 2, 2]);
  });

  test('makes no other writes', async () => {
    await filled();
    await expectWrites({ work: 'rotate seal' }, WRITES);
  });

  test('killed again and again gets to its end', async () => {
    await filled();
    const outcomes: string[] = [];
    // The first finds nothing begun, so it makes one write more than those that go on.
    for (let time = 0; time < NAMES.length + 1; time++)
      outcomes.push(await kill({ work: 'rotate seal' }, time === 0 ? 2 : 1, 'after'));
    expect(outcomes).toEqual(['killed', 'killed', 'killed', 'killed']);
    expect((await record()).rotation).toBeUndefined();
    expect(await expectAllOpen(await opened())).toEqual([2, 2, 2]);
  });
});

describe('root rotate', () => {
  test.each(moments(1))('killed at write %i, %s it, leaves the old root or the new', async (nth, moment) => {
    const before = await (await filled()).record();
    expect(await kill({ work: 'rotate root' }, nth, moment)).toBe('killed');
    const after = await record();
    if (moment === 'before') expect(encodeRecord(after)).toBe(encodeRecord(before));
    else expect(after.root.id).not.toBe(before.root.id);
    const keyring = await opened();
    await expectAllOpen(keyring);
    await keyring.rotateRoot();
    await expectAllOpen(await opened());
  });

  test('makes no other writes', async () => {
    await filled();
    await expectWrites({ work: 'rotate root' }, 1);
  });
});

describe('the first start', () => {
  test.each(moments(1))('killed at write %i, %s it, ends with one keyring', async (nth, moment) => {
    expect(await kill({ work: 'open' }, nth, moment)).toBe('killed');
    expect((await keyrings.load()) !== undefined).toBe(moment === 'after');
    await filled();
    expect(await record()).toMatchObject({ revision: 1, current: 1 });
    await expectAllOpen(await opened());
  });

  test('makes no other writes', () => expectWrites({ work: 'open' }, 1));
});

describe('a key that is put', () => {
  test.each(moments(2))('killed at write %i, %s it, is there whole or not at all', async (nth, moment) => {
    await filled();
    const { header, secret } = secretOf('new', 'newcomer');
    expect(await kill({ work: 'put' }, nth, moment)).toBe('killed');
    const keyring = await opened();
    const isThere = nth === 2 && moment === 'after';
    expect(await keys.has(header.tenant, header.keyId)).toBe(isThere);
    if (!isThere) await keyring.putKey(secret, header);
    const jwe = (await keys.get(header.tenant, header.keyId)) ?? '';
    expect((await keyring.unsealKey(jwe, header)).equals(secret)).toBe(true);
    // A rotation has to find it, whatever was written of the lists.
    await Array.fromAsync(keyring.rotateSeal());
    expect(readSealHeader((await keys.get(header.tenant, header.keyId)) ?? '').kekNumber).toBe(2);
  });

  test('makes no other writes', async () => {
    await filled();
    await expectWrites({ work: 'put' }, 2);
  });
});

describe('shares', () => {
  /** A keyring that opens with shares, open. */
  async function shared() {
    const keyring = shamir();
    await keyring.open();
    const shares = (await keyring.initialise(split)).map(String);
    return { keyring, shares };
  }
  const openWith = async (shares: readonly string[]) => {
    const keyring = shamir();
    await keyring.open();
    for (const share of shares.slice(0, 2)) await keyring.giveShare(Buffer.from(share));
    return keyring.status();
  };

  test.each(moments(1))('made by who is killed at write %i, %s it, are made again', async (nth, moment) => {
    expect(await kill({ work: 'initialise', shares: [] }, nth, moment)).toBe('killed');
    const { shares } = await shared();
    expect(await openWith(shares)).toMatchObject({ state: 'open' });
  });

  test.each(moments(1))('given first to who is killed at write %i, %s it, open it', async (nth, moment) => {
    const { shares } = await shared();
    expect(await kill({ work: 'open', shares: shares.slice(0, 2) }, nth, moment)).toBe('killed');
    expect((await record()).root.unproven).toBe(moment === 'before' ? true : undefined);
    expect(await openWith(shares)).toMatchObject({ state: 'open' });
    expect((await record()).root.unproven).toBeUndefined();
  });

  test.each(moments(1))(
    'made anew by who is killed at write %i, %s it, leave the old in force',
    async (nth, moment) => {
      const { shares } = await shared();
      await openWith(shares);
      expect(await kill({ work: 'new shares', shares: shares.slice(0, 2) }, nth, moment)).toBe('killed');
      expect((await record()).root.pending !== undefined).toBe(moment === 'after');
      expect(await openWith(shares)).toMatchObject({ state: 'open' });
    },
  );

  test.each(moments(1))(
    'new ones given to who is killed at write %i, %s it, can be given again',
    async (nth, moment) => {
      const { keyring, shares } = await shared();
      for (const share of shares.slice(0, 2)) await keyring.giveShare(Buffer.from(share));
      const fresh = (await keyring.beginNewShares(split)).map(String);
      expect(await kill({ work: 'open', shares: fresh.slice(0, 2) }, nth, moment)).toBe('killed');
      if (moment === 'before') expect(await openWith(shares)).toMatchObject({ state: 'open' });
      else await expect(openWith(shares)).rejects.toMatchObject({ code: 'UNSEAL_SHARE_INVALID' });
      const status = await openWith(fresh);
      expect(status.state).toBe('open');
      expect(status.newShares).toBeUndefined();
    },
  );
});
