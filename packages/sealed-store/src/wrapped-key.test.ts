import { createSecretKey, randomBytes } from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { describe, expect, test } from 'vitest';
import { nameKey } from './named-key.ts';
import { sealSecret } from './seal.ts';
import { unwrapKek, unwrapRoot, wrapKek, wrapRoot } from './wrapped-key.ts';

const unsealKey = nameKey('unseal key', randomBytes(32));
const rootBytes = randomBytes(32);
const root = nameKey('root key', rootBytes);
const kek = { number: 7, key: createSecretKey(randomBytes(32)) };
const header = { alg: 'A256KW', enc: 'A256GCM' };
const broken = { code: 'SEAL_BROKEN', fix: expect.stringMatching(/\w/) };

const seal = (content: Buffer, key: typeof kek.key, fields: object) =>
  new CompactEncrypt(content).setProtectedHeader({ ...header, ...fields }).encrypt(key);

describe('the format outlives the library', () => {
  test('jose opens a root key, and what jose seals opens here', async () => {
    const opened = await compactDecrypt(await wrapRoot(rootBytes, unsealKey), unsealKey.key);
    expect(Buffer.from(opened.plaintext).equals(rootBytes)).toBe(true);
    const fields = { typ: 'sealtrack-root', kid: unsealKey.id };
    expect(opened.protectedHeader).toEqual({ ...header, ...fields });
    const jwe = await seal(rootBytes, unsealKey.key, fields);
    expect((await unwrapRoot(jwe, unsealKey)).equals(rootBytes)).toBe(true);
  });

  test('jose opens a key-encryption key, and what jose seals opens here', async () => {
    const opened = await compactDecrypt(await wrapKek(kek, root), root.key);
    expect(Buffer.from(opened.plaintext).equals(kek.key.export())).toBe(true);
    const fields = { typ: 'sealtrack-kek', kid: root.id, number: '7' };
    expect(opened.protectedHeader).toEqual({ ...header, ...fields });
    const jwe = await seal(kek.key.export(), root.key, fields);
    expect((await unwrapKek(jwe, 7, root)).key.equals(kek.key)).toBe(true);
  });
});

describe('a wrapped key does not open', () => {
  test('as the key of another number, or under another root', async () => {
    const jwe = await wrapKek(kek, root);
    await expect(unwrapKek(jwe, 8, root)).rejects.toMatchObject(broken);
    await expect(unwrapKek(jwe, 7, nameKey('root key', randomBytes(32)))).rejects.toMatchObject(broken);
    await expect(unwrapKek(jwe, 7, { ...root, key: kek.key })).rejects.toMatchObject(broken);
  });

  test('as a key of another kind', async () => {
    // One and the same key above, so that only the kind tells them apart.
    const above = { id: root.id, key: root.key };
    await expect(unwrapKek(await wrapRoot(rootBytes, above), 7, above)).rejects.toMatchObject(broken);
    await expect(unwrapRoot(await wrapKek(kek, above), above)).rejects.toMatchObject(broken);
    const privateKey = {
      tenant: 'demo',
      keyId: 'a'.repeat(64),
      certificateId: 'b'.repeat(64),
    } as unknown as Parameters<typeof sealSecret>[1]['header'];
    const sealed = await sealSecret(randomBytes(32), {
      kek: { number: 7, key: root.key },
      header: privateKey,
    });
    await expect(unwrapKek(sealed, 7, above)).rejects.toMatchObject(broken);
    await expect(unwrapRoot(sealed, above)).rejects.toMatchObject(broken);
  });

  test.each([
    ['a short key', randomBytes(16), {}],
    ['a field too many', randomBytes(32), { extra: 'x' }],
    ['compression', randomBytes(32), { zip: 'DEF' }],
    ['a number that is none', randomBytes(32), { number: '07' }],
    ['another type', randomBytes(32), { typ: 'JWE' }],
  ])('with %s', async (_, content, fields) => {
    const whole = { typ: 'sealtrack-kek', kid: root.id, number: '7', ...fields };
    const jwe = await seal(content, root.key, whole).catch(() => 'jose does not make it');
    await expect(unwrapKek(jwe, 7, root)).rejects.toMatchObject(broken);
  });

  test('with any one character changed', async () => {
    const jwe = await wrapKek(kek, root);
    for (let at = 0; at < jwe.length; at++) {
      const other = jwe[at] === 'A' ? 'B' : 'A';
      await expect(unwrapKek(jwe.slice(0, at) + other + jwe.slice(at + 1), 7, root)).rejects.toMatchObject(
        broken,
      );
    }
  });
});
