import { createHash, createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { type CertificateId, isTenantId, type KeyId, type TenantId } from '@sealtrack/ids/ids';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { describe, expect, test } from 'vitest';
import type { Kek, Keks } from './keks.ts';
import { sealSecret, unsealSecret } from './seal.ts';
import { readSealHeader, type SealHeader, toFields } from './seal-format.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const newKek = (number: number): Kek => ({ number, key: createSecretKey(randomBytes(32)) });

function ring(...keks: [Kek, ...Kek[]]): Keks {
  return { current: keks[0], get: (number) => keks.find((kek) => kek.number === number) };
}

const header: SealHeader = {
  tenant: 'demo' as TenantId,
  keyId: sha256('key') as KeyId,
  certificateId: sha256('certificate') as CertificateId,
};
const kek = newKek(3);
const keks = ring(kek);
const secret = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  type: 'pkcs8',
  format: 'der',
});
const sealed = await sealSecret(secret, { kek, header });
const unseal = (jwe: string, ring = keks, expected = header) =>
  unsealSecret(jwe, { keks: ring, expect: expected });

/** The blob with fields of its header changed; `undefined` takes one out. */
function withHeader(changes: Record<string, unknown>): string {
  const [fields = '', ...rest] = sealed.split('.');
  const changed = { ...JSON.parse(Buffer.from(fields, 'base64url').toString()), ...changes };
  return [Buffer.from(JSON.stringify(changed)).toString('base64url'), ...rest].join('.');
}

async function expectBroken(jwe: string, ring = keks, expected = header): Promise<void> {
  const error: unknown = await unseal(jwe, ring, expected).then(
    () => 'it opened',
    (caught: unknown) => caught,
  );
  expect(error).toMatchObject({ code: 'SEAL_BROKEN', fix: expect.stringMatching(/\w/) });
}

describe('a sealed secret', () => {
  test('opens, and says whose it is', async () => {
    expect((await unseal(sealed)).equals(secret)).toBe(true);
    expect(readSealHeader(sealed)).toEqual({ ...header, kekNumber: 3 });
  });

  test.each([1, 5000, 64 * 1024])('may have %i bytes', async (size) => {
    const bytes = randomBytes(size);
    expect((await unseal(await sealSecret(bytes, { kek, header }))).equals(bytes)).toBe(true);
  });

  test.each([0, 64 * 1024 + 1])('may not have %i bytes', async (size) => {
    const refused = { code: 'INVALID_ARGUMENT', fix: expect.any(String) };
    await expect(sealSecret(Buffer.alloc(size), { kek, header })).rejects.toMatchObject(refused);
  });

  test('shows nothing of the secret, and is another one each time', async () => {
    expect(Buffer.from(sealed.split('.')[3] ?? '', 'base64url').includes(secret.subarray(100, 116))).toBe(
      false,
    );
    const again = await sealSecret(secret, { kek, header });
    for (const part of [1, 2, 3, 4]) expect(again.split('.')[part]).not.toBe(sealed.split('.')[part]);
  });

  test('leaves the secret and the key usable by the caller', async () => {
    const copy = Buffer.from(secret);
    await sealSecret(secret, { kek, header });
    expect(secret.equals(copy)).toBe(true);
    expect((await unseal(sealed)).equals(secret)).toBe(true);
  });

  test('opens after a new key became current, as long as the old one is there', async () => {
    expect((await unseal(sealed, ring(newKek(4), kek))).equals(secret)).toBe(true);
    await expect(unseal(sealed, ring(newKek(4)))).rejects.toMatchObject({
      code: 'SEAL_BROKEN',
      fix: expect.stringContaining('key 3'),
    });
  });
});

describe('the format outlives the library', () => {
  test('jose opens what is sealed here', async () => {
    const { plaintext, protectedHeader } = await compactDecrypt(sealed, kek.key);
    expect(Buffer.from(plaintext).equals(secret)).toBe(true);
    expect(protectedHeader).toEqual({
      typ: 'sealtrack-private-key',
      alg: 'A256KW',
      enc: 'A256GCM',
      kid: '3',
      ...header,
    });
  });

  test('what jose seals opens here', async () => {
    const jwe = await new CompactEncrypt(secret)
      .setProtectedHeader({ ...toFields(header, 3), alg: 'A256KW', enc: 'A256GCM' })
      .encrypt(kek.key);
    expect((await unseal(jwe)).equals(secret)).toBe(true);
  });
});

describe('a blob does not open', () => {
  test('in the place of another key, or of another tenant', async () => {
    await expectBroken(sealed, keks, { ...header, keyId: sha256('other') as KeyId });
    await expectBroken(sealed, keks, { ...header, tenant: 'other' as TenantId });
  });

  test('under a key that is not the one it was sealed under', () => expectBroken(sealed, ring(newKek(3))));

  test.each(
    Object.entries({
      typ: 'other',
      alg: 'dir',
      enc: 'A128GCM',
      kid: '4',
      tenant: 'other',
      keyId: sha256('other'),
      certificateId: sha256('other'),
    }),
  )('when %s says something else', async (field, value) => {
    const changed = withHeader({ [field]: value });
    // Also where the reader expects just what the changed header says, and holds a key by that number.
    const says = { ...header, [field]: value };
    const expected = {
      ...header,
      keyId: says.keyId,
      tenant: isTenantId(says.tenant) ? says.tenant : header.tenant,
    };
    await expectBroken(changed, ring(kek, { ...kek, number: 4 }), expected);
  });

  test.each(['typ', 'alg', 'enc', 'kid', 'tenant', 'keyId', 'certificateId'])('without %s', (field) =>
    expectBroken(withHeader({ [field]: undefined })),
  );

  test.each([
    [{ crit: ['exp'], exp: 1 }],
    [{ crit: [] }],
    [{ zip: 'DEF' }],
    [{ epk: { kty: 'EC' } }],
    [{ p2c: 1_000_000_000, alg: 'PBES2-HS256+A128KW' }],
    [{ jwk: { kty: 'oct', k: 'AAAA' } }],
    [{ alg: 'A256GCMKW' }],
    [{ alg: 'none' }],
    [{ enc: 'A256CBC-HS512' }],
    [{ kid: 3 }],
    [{ kid: '03' }],
    [{ tenant: ['demo'] }],
    [{ extra: 'x' }],
  ])('with %j in its header', (changes) => expectBroken(withHeader(changes)));

  test('sealed by somebody who holds the key, but in another way', async () => {
    const encrypt = (fields: Record<string, unknown>, alg: string, enc: string) =>
      new CompactEncrypt(secret)
        .setProtectedHeader({ ...toFields(header, 3), ...fields, alg, enc })
        .encrypt(kek.key);
    await expectBroken(await encrypt({}, 'dir', 'A256GCM'));
    await expectBroken(await encrypt({}, 'A256GCMKW', 'A256GCM'));
    await expectBroken(await encrypt({}, 'A256KW', 'A256CBC-HS512'));
    await expectBroken(await encrypt({ typ: 'JWE' }, 'A256KW', 'A256GCM'));
  });

  test('with any one character changed, added or taken away', async () => {
    const places = [...Array(sealed.length).keys()].filter(
      (at) => at < 20 || at > sealed.length - 60 || at % 13 === 0,
    );
    for (const at of places) {
      const other = sealed[at] === 'A' ? 'B' : 'A';
      await expectBroken(sealed.slice(0, at) + other + sealed.slice(at + 1));
    }
    for (const jwe of [
      `${sealed}A`,
      ` ${sealed}`,
      `${sealed}.`,
      sealed.slice(0, -1),
      sealed.replaceAll('.', '..'),
    ])
      await expectBroken(jwe);
  });

  test('with parts of another blob of the same key', async () => {
    const other = (await sealSecret(randomBytes(secret.length), { kek, header })).split('.');
    for (const part of [1, 2, 3, 4]) {
      const mixed = sealed.split('.').map((text, index) => (index === part ? (other[part] ?? '') : text));
      await expectBroken(mixed.join('.'));
    }
  });

  test.each(['', '.', '....', 'a.b.c.d.e', '{}', 'x'.repeat(10_000_000), `${'.'.repeat(90_000)}`])(
    'that is none (case %#)',
    (jwe) => expectBroken(jwe),
  );

  test('and the error shows neither blob nor key', async () => {
    const error: unknown = await unseal(sealed, ring(newKek(3))).catch((caught: unknown) => caught);
    const shown = inspect(error, { depth: 9 });
    for (const part of sealed.split('.')) expect(shown).not.toContain(part);
    expect(shown).not.toContain(kek.key.export().toString('base64url'));
  });
});
