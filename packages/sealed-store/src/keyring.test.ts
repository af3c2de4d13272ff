import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import type { TenantId } from '@sealtrack/ids/ids';
import { testRedis } from '@sealtrack/testkit/test-servers';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createKeyProvider } from './key-provider.ts';
import type { Keyring } from './keyring.ts';
import type { KeyringRecord } from './keyring-record.ts';
import { readSealHeader, type SealHeader } from './seal-format.ts';
import { keyringsOn, newUnsealKeyText, secretOf, unsealKey } from './testing/keyring-fixture.ts';

const redisServer = await testRedis();
const fixture = keyringsOn(redisServer.url);
const { redis, keyrings, keys, server } = fixture;
afterAll(() => fixture[Symbol.asyncDispose]());
beforeEach(() => redis.client.flushall());

async function opened(options: Parameters<typeof server>[0] = {}): Promise<Keyring> {
  const keyring = server(options);
  expect((await keyring.open()).state).toBe('open');
  return keyring;
}
const stored = async ({ tenant, keyId }: SealHeader) => (await keys.get(tenant, keyId)) ?? '';
const kekOf = async (header: SealHeader) => readSealHeader(await stored(header)).kekNumber;
const opensIn = async (keyring: Keyring, name: string, tenant?: string) => {
  const { header, secret } = secretOf(name, tenant);
  return (await keyring.unsealKey(await stored(header), header)).equals(secret);
};
const put = (keyring: Keyring, name: string, tenant?: string) => {
  const { header, secret } = secretOf(name, tenant);
  return keyring.putKey(secret, header);
};
const rotated = (keyring: Keyring) => Array.fromAsync(keyring.rotateSeal());
const record = async (): Promise<KeyringRecord> => {
  const found = await keyrings.load();
  if (found === undefined) throw new Error('There is no keyring');
  return found;
};
function withHeader(jwe: string, changes: Record<string, string>): string {
  const [fields = '', ...rest] = jwe.split('.');
  const changed = { ...JSON.parse(Buffer.from(fields, 'base64url').toString()), ...changes };
  return [Buffer.from(JSON.stringify(changed)).toString('base64url'), ...rest].join('.');
}
const broken = (fix = '') => ({ code: 'SEAL_BROKEN', fix: expect.stringContaining(fix) });

describe('a keyring', () => {
  test('is made at the first start, and the same at the next and for every server', async () => {
    const first = await opened();
    await put(first, 'a');
    const second = await opened();
    expect(second.status()).toEqual(first.status());
    expect(await opensIn(second, 'a')).toBe(true);
  });

  test('is one, also when several servers start at once', async () => {
    const servers = Array.from({ length: 5 }, () => server());
    const states = await Promise.all(servers.map((each) => each.open()));
    expect(new Set(states.map(({ rootId }) => rootId)).size).toBe(1);
    expect((await record()).revision).toBe(1);
  });

  test('answers nothing but its status until it is open, and after seal()', async () => {
    const keyring = server();
    const { header, secret } = secretOf('a');
    const sealed = { code: 'SEALED', fix: expect.stringContaining('nseal') };
    const refusesAll = async () => {
      for (const ask of [
        () => keyring.sealKey(secret, header),
        () => keyring.putKey(secret, header),
        () => keyring.unsealKey('', header),
        () => keyring.rotateRoot(),
        () => rotated(keyring),
        () => keyring.record(),
      ])
        await expect(ask()).rejects.toMatchObject(sealed);
    };
    expect(keyring.status()).toMatchObject({ state: 'uninitialised', provider: 'key' });
    await refusesAll();
    await keyring.open();
    keyring.seal();
    expect(keyring.status()).toMatchObject({ state: 'sealed' });
    await refusesAll();
    expect((await keyring.open()).state).toBe('open');
  });

  test('is never made anew while there are sealed keys', async () => {
    await put(await opened(), 'a');
    await redis.client.del('st:{_}:keyring', 'st:{_}:tenants');
    await expect(server().open()).rejects.toMatchObject(broken('backup'));
    expect(await keyrings.load()).toBeUndefined();
  });

  test('does not open with another unseal key', async () => {
    await opened();
    const other = server({ provider: createKeyProvider({ current: unsealKey(newUnsealKeyText()) }) });
    await expect(other.open()).rejects.toMatchObject(broken('unseal key'));
    expect(other.status().state).toBe('sealed');
  });

  test('does not open with a root key that is not the one it names', async () => {
    await opened();
    const provider = createKeyProvider({ current: unsealKey(fixture.unsealKeyText) });
    const wrong = server({ provider: { ...provider, unwrap: async () => randomBytes(32) } });
    await expect(wrong.open()).rejects.toMatchObject({
      ...broken(),
      message: expect.stringContaining('another root key'),
    });
    const short = server({ provider: { ...provider, unwrap: async () => randomBytes(16) } });
    await expect(short.open()).rejects.toMatchObject(broken());
  });

  test('goes from one unseal key to the next without an outage', async () => {
    await put(await opened(), 'a');
    const [old, next] = [unsealKey(fixture.unsealKeyText), unsealKey(newUnsealKeyText())];
    const both = await opened({ provider: createKeyProvider({ current: next, previous: old }) });
    expect(both.status().unsealKeyId).toBe(next.id);
    const onlyNext = await opened({ provider: createKeyProvider({ current: next }) });
    expect(await opensIn(onlyNext, 'a')).toBe(true);
  });

  test('that is opened but cannot be wrapped anew is open', async () => {
    await put(await opened(), 'a');
    const [old, next] = [unsealKey(fixture.unsealKeyText), unsealKey(newUnsealKeyText())];
    const warnings: string[] = [];
    const keyring = await opened({
      provider: createKeyProvider({ current: next, previous: old }),
      keyrings: { ...keyrings, save: () => Promise.reject(new Error('the disk is full')) },
      log: { info: () => {}, warn: (_, message) => void warnings.push(message) },
    });
    expect(await opensIn(keyring, 'a')).toBe(true);
    expect(warnings).toHaveLength(1);
  });

  test('is not shown when it is printed or serialised, and what it seals is not either', async () => {
    const keyring = await opened();
    await put(keyring, 'a');
    const { keks, root } = await keyring.openRecord(await record()).then((open) => ({
      keks: [open.get(1)?.key.export()],
      root: open.deriveKey('x').export(),
    }));
    const open = await keyring.openRecord(await record());
    const shown = [keyring, open, await record()]
      .map((value) => inspect(value, { depth: 9, showHidden: true }) + JSON.stringify(value))
      .join();
    expect(shown).toContain('open');
    for (const secret of [...keks, root, Buffer.from(fixture.unsealKeyText, 'base64url')])
      for (const encoding of ['hex', 'base64url', 'base64'] as const)
        expect(shown).not.toContain(secret?.toString(encoding));
  });
});

describe('sealed keys', () => {
  test('do not open in the place of another, as another tenant’s, or under an exchanged key', async () => {
    const keyring = await opened();
    for (const name of ['a', 'b']) await put(keyring, name);
    const [a, b] = [secretOf('a').header, secretOf('b').header];
    await expect(keyring.unsealKey(await stored(a), b)).rejects.toMatchObject(broken());
    await expect(
      keyring.unsealKey(await stored(a), { ...a, tenant: 'other' as TenantId }),
    ).rejects.toMatchObject(broken());
    const moved = withHeader(await stored(a), { keyId: b.keyId });
    await expect(keyring.unsealKey(moved, b)).rejects.toMatchObject(broken());
  });

  test('under a key that nobody has are broken, and not a reason to wait', async () => {
    const keyring = await opened();
    await put(keyring, 'a');
    const { header } = secretOf('a');
    const jwe = withHeader(await stored(header), { kid: '9' });
    await expect(keyring.unsealKey(jwe, header)).rejects.toMatchObject(broken('key 9'));
  });

  test('that are held are not replaced', async () => {
    const keyring = await opened();
    await put(keyring, 'a');
    await expect(put(keyring, 'a')).rejects.toMatchObject({ code: 'OBJECT_EXISTS' });
  });
});

describe('a rotation of the seal', () => {
  const names = ['a', 'b', 'c'];
  const tenants = ['demo', 'other'];

  test('takes every key of every tenant along, and says how far it is', async () => {
    const keyring = await opened();
    for (const tenant of tenants) for (const name of names) await put(keyring, name, tenant);
    const progress = await rotated(keyring);
    expect(progress.map(({ done }) => done)).toEqual([1, 2, 3, 4, 5, 6, 6]);
    expect(progress.every(({ kek, total }) => kek === 2 && total === 6)).toBe(true);
    expect(keyring.status()).toMatchObject({ currentKek: 2 });
    expect(keyring.status().rotation).toBeUndefined();
    for (const tenant of tenants)
      for (const name of names) {
        expect(await kekOf(secretOf(name, tenant).header)).toBe(2);
        expect(await opensIn(keyring, name, tenant)).toBe(true);
      }
  });

  test('is followed by servers that know nothing of it', async () => {
    const [one, two] = [await opened(), await opened()];
    await put(one, 'a');
    await rotated(one);
    expect(await opensIn(two, 'a')).toBe(true);
    await put(two, 'b');
    expect(await kekOf(secretOf('b').header)).toBe(2);
  });

  test('that was left goes on where it was, by whoever asks for it', async () => {
    const [one, two] = [await opened(), await opened()];
    for (const name of names) await put(one, name);
    for await (const { done } of one.rotateSeal()) if (done === 1) break;
    expect((await two.open()).rotation?.startedAt).toMatch(/Z$/);
    const controller = new AbortController();
    await expect(async () => {
      for await (const _ of two.rotateSeal(controller.signal)) controller.abort(new Error('enough'));
    }).rejects.toThrow('enough');
    await rotated(two);
    expect(await record()).toMatchObject({ current: 2 });
    expect((await record()).rotation).toBeUndefined();
    for (const name of names) expect(await kekOf(secretOf(name).header)).toBe(2);
  });

  test('by two servers at once does no harm', async () => {
    const [one, two] = [await opened(), await opened()];
    for (let at = 0; at < 20; at++) await put(one, `key ${at}`);
    await Promise.all([rotated(one), rotated(two)]);
    const { current } = await record();
    expect((await record()).rotation).toBeUndefined();
    for (let at = 0; at < 20; at++) {
      expect(await kekOf(secretOf(`key ${at}`).header)).toBe(current);
      expect(await opensIn(one, `key ${at}`)).toBe(true);
    }
  });

  test('finds keys that are stored while it runs, sealed before it began', async () => {
    const keyring = await opened();
    for (const name of names) await put(keyring, name);
    const late = await Promise.all(
      ['x', 'y', 'z'].map(async (name) => {
        const { header, secret } = secretOf(name);
        return { name, header, jwe: await keyring.sealKey(secret, header) };
      }),
    );
    const waiting = [...late];
    for await (const _ of keyring.rotateSeal()) {
      const next = waiting.shift();
      if (next !== undefined) await keys.put(next.header.tenant, next.header.keyId, next.jwe);
    }
    for (const { name, header } of late) {
      expect(await kekOf(header)).toBe(2);
      expect(await opensIn(keyring, name)).toBe(true);
    }
  });

  test('takes along a key that was sealed before it, and stored after it', async () => {
    const one = await opened();
    let delayed = true;
    const slow = await opened({
      keys: {
        ...keys,
        async put(...args) {
          if (delayed) await rotated(one);
          delayed = false;
          await keys.put(...args);
        },
      },
    });
    await put(slow, 'a');
    expect(await kekOf(secretOf('a').header)).toBe(2);
    expect(await opensIn(one, 'a')).toBe(true);
  });

  test('does not finish over a key that does not open, but takes all others along', async () => {
    const keyring = await opened();
    for (const name of names) await put(keyring, name);
    const [bad, good] = [secretOf('b').header, secretOf('a').header];
    const whole = await stored(bad);
    await redis.client.set(`st:{demo}:key:${bad.keyId}`, await stored(good));
    await expect(rotated(keyring)).rejects.toMatchObject({
      code: 'SEAL_BROKEN',
      details: { keys: `demo/${bad.keyId}` },
    });
    expect(keyring.status().rotation).toBeDefined();
    for (const name of ['a', 'c']) expect(await kekOf(secretOf(name).header)).toBe(2);
    await redis.client.set(`st:{demo}:key:${bad.keyId}`, whole);
    await rotated(keyring);
    expect(keyring.status().rotation).toBeUndefined();
    expect(await opensIn(keyring, 'b')).toBe(true);
  });

  test('leaves old keys where they are, for old backups', async () => {
    const keyring = await opened();
    const { header, secret } = secretOf('a');
    const old = await keyring.sealKey(secret, header);
    for (let time = 0; time < 3; time++) await rotated(keyring);
    expect((await keyring.unsealKey(old, header)).equals(secret)).toBe(true);
  });
});

describe('a rotation of the root', () => {
  test('leaves every sealed key as it is, and is followed by other servers', async () => {
    const [one, two] = [await opened(), await opened()];
    await put(one, 'a');
    await rotated(one);
    const before = await stored(secretOf('a').header);
    const { rootId } = one.status();
    expect((await one.rotateRoot()).rootId).not.toBe(rootId);
    expect(await stored(secretOf('a').header)).toBe(before);
    await put(two, 'b');
    expect(two.status().rootId).toBe(one.status().rootId);
    for (const keyring of [one, two, await opened()])
      for (const name of ['a', 'b']) expect(await opensIn(keyring, name)).toBe(true);
  });

  test('by many at once, with rotations of the seal, ends with one keyring that opens all', async () => {
    const servers = await Promise.all([opened(), opened(), opened()]);
    for (let at = 0; at < 5; at++) await put(servers[0], `key ${at}`);
    await Promise.all(servers.flatMap((each) => [each.rotateRoot(), rotated(each), each.rotateRoot()]));
    const fresh = await opened();
    for (let at = 0; at < 5; at++) expect(await opensIn(fresh, `key ${at}`)).toBe(true);
    expect(fresh.status().rotation).toBeUndefined();
  });

  test('gives other derived keys, and the old record still gives the old', async () => {
    const keyring = await opened();
    const before = await keyring.record();
    const deriving = async (purpose: string) =>
      (await keyring.openRecord(await keyring.record())).deriveKey(purpose).export();
    const derived = await deriving('archives');
    expect((await deriving('other')).equals(derived)).toBe(false);
    await keyring.rotateRoot();
    expect((await deriving('archives')).equals(derived)).toBe(false);
    const old = await keyring.openRecord(before);
    expect(old.deriveKey('archives').export().equals(derived)).toBe(true);
    expect((await keyring.record()).revision).toBe(before.revision + 1);
  });
});

describe('the copy of the keyring', () => {
  test('is given every record, once', async () => {
    const copies: KeyringRecord[] = [];
    const keyring = await opened({ onChange: async (copy) => void copies.push(copy) });
    await put(keyring, 'a');
    await rotated(keyring);
    await keyring.rotateRoot();
    await put(keyring, 'b');
    expect(copies.map(({ revision }) => revision)).toEqual([1, 2, 3, 4]);
    expect(copies.at(-1)).toEqual(await record());
  });

  test('is given when a server opens, whoever should have given it before and was killed', async () => {
    await rotated(await opened());
    const copies: KeyringRecord[] = [];
    await opened({ onChange: async (copy) => void copies.push(copy) });
    expect(copies).toEqual([await record()]);
  });

  test('follows what another server changes, also where nothing is sealed', async () => {
    const copies: KeyringRecord[] = [];
    const keyring = await opened({ onChange: async (copy) => void copies.push(copy) });
    await rotated(await opened());
    await keyring.open();
    await keyring.open();
    expect(copies.at(-1)).toEqual(await record());
    expect(copies).toHaveLength(2);
  });

  test('fails what it was for; nothing is sealed without it, and all opens', async () => {
    const first = await opened();
    await put(first, 'a');
    let full = true;
    const onChange = async () => {
      if (full) throw new Error('the disk is full');
    };
    const keyring = await opened({ onChange });
    expect(await opensIn(keyring, 'a')).toBe(true);
    await expect(put(keyring, 'b')).rejects.toThrow('full');
    await expect(rotated(keyring)).rejects.toThrow('full');
    await expect(keyring.rotateRoot()).rejects.toThrow('full');
    await expect(put(keyring, 'b')).rejects.toThrow('full');
    expect(await opensIn(keyring, 'a')).toBe(true);
    full = false;
    await put(keyring, 'b');
    expect(await opensIn(first, 'b')).toBe(true);
  });
});

describe('a keyring in Redis that is not the one in use', () => {
  test('because it is older, or gone, is not sealed under; what is known opens', async () => {
    const keyring = await opened();
    await put(keyring, 'a');
    const text = (await redis.client.get('st:{_}:keyring')) ?? '';
    await rotated(keyring);
    await redis.client.set('st:{_}:keyring', text);
    await expect(put(keyring, 'b')).rejects.toMatchObject(broken('newest keyring'));
    await redis.client.del('st:{_}:keyring');
    await expect(put(keyring, 'b')).rejects.toMatchObject(broken('backup'));
    expect(await opensIn(keyring, 'a')).toBe(true);
  });

  test('because somebody changed it, does not open', async () => {
    const keyring = await opened();
    await rotated(keyring);
    const whole = await record();
    const [first, second] = whole.keks;
    if (first === undefined || second === undefined) throw new Error('There are two keys');
    const changes: Partial<KeyringRecord>[] = [
      { keks: [first], current: 1 },
      {
        keks: [
          { ...second, number: 1 },
          { ...first, number: 2 },
        ],
      },
      { rotation: { startedAt: whole.root.createdAt } },
      { revision: 9 },
      { mac: whole.mac.replace(/^./, (character) => (character === 'A' ? 'B' : 'A')) },
    ];
    for (const change of changes) {
      await redis.client.set('st:{_}:keyring', JSON.stringify({ ...whole, ...change }));
      await expect(server().open()).rejects.toMatchObject(broken());
    }
  });
});
