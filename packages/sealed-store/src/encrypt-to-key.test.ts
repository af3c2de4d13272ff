import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { compactDecrypt } from 'jose';
import nodeJose from 'node-jose';
import { expect, test } from 'vitest';
import { createEncrypterTo } from './encrypt-to-key.ts';

const newPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spkiOf = (key: KeyObject) => key.export({ type: 'spki', format: 'der' });
const encrypterTo = createEncrypterTo();
const { publicKey, privateKey } = newPair();
const encrypt = encrypterTo('public_key', spkiOf(publicKey));

test.each([0, 1, 32, 64 * 32])('jose opens what was encrypted, of %i bytes', async (size) => {
  const secrets = randomBytes(size);
  const { plaintext, protectedHeader } = await compactDecrypt(encrypt(secrets), privateKey);
  expect(Buffer.from(plaintext).equals(secrets)).toBe(true);
  expect(protectedHeader).toMatchObject({ alg: 'ECDH-ES', enc: 'A256GCM', epk: { crv: 'P-256' } });
});

test('so does node-jose', async () => {
  const secrets = randomBytes(64);
  const jwk = await nodeJose.JWK.asKey(privateKey.export({ format: 'jwk' }) as never);
  const opening = nodeJose.JWE.createDecrypt(jwk, { algorithms: ['ECDH-ES', 'A256GCM'] });
  const { payload } = await opening.decrypt(encrypt(secrets));
  expect(payload.equals(secrets)).toBe(true);
});

test('another key opens nothing, and nothing that was changed opens', async () => {
  const jwe = encrypt(randomBytes(32));
  await expect(compactDecrypt(jwe, newPair().privateKey)).rejects.toThrow();
  const parts = jwe.split('.');
  for (const at of [0, 2, 3, 4]) {
    const changed = Buffer.from(parts[at] ?? '', 'base64url');
    // The header's last byte is its brace: change the key in it instead.
    const byte = at === 0 ? changed.length - 5 : 0;
    changed.writeUInt8((changed[byte] ?? 0) ^ 1, byte);
    await expect(
      compactDecrypt(parts.with(at, changed.toString('base64url')).join('.'), privateKey),
    ).rejects.toThrow();
  }
});

test('every JWE has a key and a nonce of its own', () => {
  const made = Array.from({ length: 20 }, () => encrypt(Buffer.alloc(32)).split('.'));
  for (const part of [0, 2, 3]) expect(new Set(made.map((parts) => parts[part])).size).toBe(20);
});

test('each key is its own, however many others came before and between', async () => {
  const pairs = Array.from({ length: 300 }, newPair);
  for (const round of [1, 2])
    for (const pair of pairs) {
      const secrets = Buffer.from(`round ${round}`);
      const { plaintext } = await compactDecrypt(
        encrypterTo('public_key', spkiOf(pair.publicKey))(secrets),
        pair.privateKey,
      );
      expect(Buffer.from(plaintext)).toEqual(secrets);
    }
});

test('a point may be compressed', async () => {
  const prefix = Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex');
  const point = spkiOf(publicKey).subarray(-64);
  const compressed = Buffer.concat([prefix, Buffer.of(2 + ((point.at(-1) ?? 0) & 1)), point.subarray(0, 32)]);
  const jwe = encrypterTo('public_key', compressed)(Buffer.from('secret'));
  expect(Buffer.from((await compactDecrypt(jwe, privateKey)).plaintext).toString()).toBe('secret');
});

const offCurve = Buffer.from(spkiOf(publicKey));
offCurve.writeUInt8((offCurve.at(-1) ?? 0) ^ 1, offCurve.length - 1);
const infinity = Buffer.from('3019301306072a8648ce3d020106082a8648ce3d03010703020000', 'hex');
const rsa = generateKeyPairSync('rsa', { modulusLength: 512 });

test.each<[string, Uint8Array]>([
  ['nothing', Buffer.alloc(0)],
  ['something else', randomBytes(91)],
  ['a point that is not on the curve', offCurve],
  ['the point at infinity', infinity],
  ['the point at infinity with something behind it', Buffer.concat([infinity, Buffer.alloc(64)])],
  ['a key on another curve', spkiOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey)],
  ['X25519', spkiOf(generateKeyPairSync('x25519').publicKey)],
  ['a small RSA key', spkiOf(rsa.publicKey)],
  ['a private key', privateKey.export({ type: 'pkcs8', format: 'der' })],
  ['what is longer than such a key', Buffer.concat([spkiOf(publicKey), Buffer.alloc(1)])],
])('%s is refused', (_, spki) => {
  const parsing = () => encrypterTo('public_key', spki);
  expect(parsing).toThrow(
    expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      details: { field: 'public_key' },
      fix: expect.stringContaining('P-256'),
    }),
  );
});
