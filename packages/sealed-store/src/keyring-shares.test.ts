import { inspect } from 'node:util';
import { testRedis } from '@sealtrack/testkit/test-servers';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Keyring } from './keyring.ts';
import { createShamirProvider } from './shamir-provider.ts';
import { keyringsOn, secretOf } from './testing/keyring-fixture.ts';

const redisServer = await testRedis();
const fixture = keyringsOn(redisServer.url);
const { redis, keyrings, keys } = fixture;
afterAll(() => fixture[Symbol.asyncDispose]());
beforeEach(() => redis.client.flushall());

const server = (options: Parameters<typeof fixture.server>[0] = {}) =>
  fixture.server({ provider: createShamirProvider(), ...options });
const split = { total: 3, threshold: 2 };

async function give(keyring: Keyring, ...shares: (Buffer | undefined)[]) {
  let status = keyring.status();
  for (const share of shares) status = await keyring.giveShare(share ?? Buffer.alloc(0));
  return status;
}

/** A server that is open, and the shares that open another. */
async function opened() {
  const keyring = server();
  await keyring.open();
  const shares = await keyring.initialise(split);
  expect((await give(keyring, ...shares.slice(0, 2))).state).toBe('open');
  return { keyring, shares };
}

async function another(shares: readonly Buffer[]): Promise<Keyring> {
  const keyring = server();
  await keyring.open();
  expect((await give(keyring, ...shares.slice(-2))).state).toBe('open');
  return keyring;
}

async function put(keyring: Keyring, name: string) {
  const { header, secret } = secretOf(name);
  await keyring.putKey(secret, header);
}
async function opensIn(keyring: Keyring, name: string) {
  const { header, secret } = secretOf(name);
  const jwe = (await keys.get(header.tenant, header.keyId)) ?? '';
  return (await keyring.unsealKey(jwe, header)).equals(secret);
}
const invalid = { code: 'UNSEAL_SHARE_INVALID', fix: expect.stringMatching(/\w/) };

describe('a keyring that opens with shares', () => {
  test('is made by somebody who takes them, stays sealed until they were given, and opens everywhere', async () => {
    const keyring = server();
    expect(await keyring.open()).toEqual({ state: 'uninitialised', provider: 'shamir' });
    await expect(keyring.giveShare(Buffer.from('x'))).rejects.toMatchObject({ code: 'SEALED' });
    const shares = await keyring.initialise(split);
    expect(shares).toHaveLength(3);
    expect(keyring.status()).toMatchObject({
      state: 'sealed',
      unproven: true,
      shares: { ...split, given: 0 },
    });
    expect((await keyring.open()).state).toBe('sealed');
    await expect(put(keyring, 'a')).rejects.toMatchObject({ code: 'SEALED' });
    expect(await give(keyring, shares[0])).toMatchObject({ state: 'sealed', shares: { given: 1 } });
    const status = await give(keyring, shares[2]);
    expect(status).toMatchObject({ state: 'open', shares: { given: 0 } });
    expect(status.unproven).toBeUndefined();
    await put(keyring, 'a');
    expect(await opensIn(await another(shares), 'a')).toBe(true);
  });

  test('may be made again until its shares were given once; earlier shares are void', async () => {
    const keyring = server();
    await keyring.open();
    const lost = await keyring.initialise(split);
    await give(keyring, lost[0]);
    const shares = await server().initialise(split);
    await expect(give(keyring, lost[1])).rejects.toMatchObject(invalid);
    expect((await give(keyring, shares[0], shares[1])).state).toBe('open');
    await expect(keyring.initialise(split)).rejects.toMatchObject({ code: 'OBJECT_EXISTS' });
    await expect(server().initialise(split)).rejects.toMatchObject({ code: 'OBJECT_EXISTS' });
  });

  test('is not made while there are sealed keys, nor where a key opens it', async () => {
    const { keyring } = await opened();
    await put(keyring, 'a');
    await redis.client.del('st:{_}:keyring');
    await expect(server().open()).rejects.toMatchObject({ code: 'SEAL_BROKEN' });
    await expect(server().initialise(split)).rejects.toMatchObject({ code: 'SEAL_BROKEN' });
    await expect(fixture.server().initialise(split)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('is not confused with one that a key opens', async () => {
    await fixture.server().open();
    const keyring = server();
    const other = { code: 'SEAL_BROKEN', fix: expect.stringContaining('SEALTRACK_UNSEAL_WITH=key') };
    await expect(keyring.open()).rejects.toMatchObject(other);
    await expect(keyring.giveShare(Buffer.from('x'))).rejects.toMatchObject(other);
    await redis.client.flushall();
    await opened();
    await expect(fixture.server().open()).rejects.toMatchObject({
      code: 'SEAL_BROKEN',
      fix: expect.stringContaining('SEALTRACK_UNSEAL_WITH=shamir'),
    });
  });

  test('of which the copy failed gives no shares', async () => {
    const keyring = server({ onChange: () => Promise.reject(new Error('the disk is full')) });
    await expect(keyring.initialise(split)).rejects.toThrow('full');
    await server().initialise(split);
  });

  test('stays sealed until the proof of its shares is stored', async () => {
    let full = true;
    const keyring = server({
      keyrings: {
        ...keyrings,
        save: (...args) => (full ? Promise.reject(new Error('the disk is full')) : keyrings.save(...args)),
      },
    });
    const shares = await server().initialise(split);
    await expect(give(keyring, ...shares)).rejects.toThrow('full');
    await expect(keyring.open()).rejects.toThrow('full');
    expect(keyring.status()).toMatchObject({ state: 'sealed', unproven: true });
    await server().initialise(split);
    expect(await keyring.open()).toMatchObject({ state: 'sealed' });
    full = false;
    expect((await give(keyring, ...(await server().initialise(split)))).state).toBe('open');
  });

  test('rotates root and seal with the same shares', async () => {
    const { keyring, shares } = await opened();
    await put(keyring, 'a');
    await keyring.rotateRoot();
    await Array.fromAsync(keyring.rotateSeal());
    const next = await another(shares);
    expect(await opensIn(next, 'a')).toBe(true);
    expect(next.status()).toMatchObject({ currentKek: 2, shares: split });
  });

  test('is followed by open servers when its root is rotated', async () => {
    const { keyring, shares } = await opened();
    const other = await another(shares);
    await keyring.rotateRoot();
    await put(other, 'a');
    expect(other.status().rootId).toBe(keyring.status().rootId);
  });

  test('needs its shares again after seal()', async () => {
    const { keyring, shares } = await opened();
    await give(keyring, shares[0]);
    keyring.seal();
    expect(await keyring.open()).toMatchObject({ state: 'sealed', shares: { given: 0 } });
    expect((await give(keyring, shares[1], shares[2])).state).toBe('open');
  });

  test('shows no share and no key', async () => {
    const { keyring, shares } = await opened();
    await give(keyring, shares[0]);
    const shown = inspect(keyring, { depth: 9, showHidden: true }) + JSON.stringify(keyring);
    const text = JSON.stringify(await keyrings.load());
    for (const share of shares)
      for (const group of share.toString().split('-').slice(2))
        expect(shown + text).not.toContain(`-${group}`);
  });
});

describe('new shares', () => {
  test('come in force once they were given, and until then the old open it', async () => {
    const { keyring, shares: old } = await opened();
    await put(keyring, 'a');
    const fresh = await keyring.beginNewShares({ total: 4, threshold: 3 });
    expect(keyring.status().newShares).toMatchObject({ total: 4, threshold: 3, given: 0 });
    expect(await opensIn(await another(old), 'a')).toBe(true);
    await give(keyring, ...fresh.slice(0, 2));
    expect(keyring.status().newShares).toMatchObject({ given: 2 });
    await give(keyring, fresh[3]);
    expect(keyring.status()).toMatchObject({ state: 'open', shares: { total: 4, threshold: 3 } });
    expect(keyring.status().newShares).toBeUndefined();

    const next = server();
    await next.open();
    await expect(give(next, old[0])).rejects.toMatchObject(invalid);
    expect((await give(next, fresh[0], fresh[1], fresh[2])).state).toBe('open');
    expect(await opensIn(next, 'a')).toBe(true);
  });

  test('may be proven to a server that is sealed, which they open', async () => {
    const { keyring } = await opened();
    const fresh = await keyring.beginNewShares(split);
    const other = server();
    await other.open();
    expect((await give(other, fresh[0], fresh[1])).state).toBe('open');
    expect(other.status().newShares).toBeUndefined();
  });

  test('made again void those before; the old stay in force', async () => {
    const { keyring, shares } = await opened();
    const lost = await keyring.beginNewShares(split);
    await keyring.beginNewShares(split);
    await expect(give(keyring, lost[0])).rejects.toMatchObject(invalid);
    await another(shares);
  });

  test('keep the root from being rotated until they were given', async () => {
    const { keyring } = await opened();
    const fresh = await keyring.beginNewShares(split);
    await expect(keyring.rotateRoot()).rejects.toMatchObject({ code: 'KEYRING_BUSY' });
    await give(keyring, fresh[0], fresh[1]);
    await keyring.rotateRoot();
    await another(fresh);
  });

  test('of a root that was rotated seal a server that was never given one', async () => {
    const { keyring, shares } = await opened();
    const other = await another(shares);
    await put(other, 'a');
    const fresh = await keyring.beginNewShares(split);
    await give(keyring, fresh[0], fresh[1]);
    await put(other, 'b');
    await keyring.rotateRoot();
    await expect(put(other, 'c')).rejects.toMatchObject({ code: 'SEALED' });
    expect(await other.open()).toMatchObject({ state: 'sealed' });
    expect((await give(other, fresh[1], fresh[2])).state).toBe('open');
    for (const name of ['a', 'b']) expect(await opensIn(other, name)).toBe(true);
  });
});
