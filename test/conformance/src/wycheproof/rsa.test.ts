import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { decryptKeyHere } from '@sealtrack/envelope/decrypt-key';
import { encryptKey, OAEP_SHA256, PKCS1_V1_5 } from '@sealtrack/envelope/key-transport';
import type { DecryptKey } from '@sealtrack/envelope/unwrap';
import { expect, test } from 'vitest';
import { checkRsa, oaepTransport } from './rsa.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const msg = randomBytes(32);
const good = encryptKey(PKCS1_V1_5, publicKey, msg);
const bad = Buffer.alloc(256, 1);
const about = { tcId: 1, comment: '', msg };
const check = (ct: Buffer, result: 'valid' | 'invalid', ...engines: DecryptKey[]) =>
  checkRsa({ ...about, ct, result }, PKCS1_V1_5, privateKey, Object.fromEntries(engines.entries()));

test('what is right is valid, and what is wrong is invalid', async () => {
  expect(await check(good, 'valid', decryptKeyHere)).toMatchObject({ got: 'valid' });
  expect(await check(bad, 'invalid', decryptKeyHere)).toMatchObject({ got: 'invalid' });
  expect(await check(Buffer.alloc(0), 'invalid', decryptKeyHere)).toMatchObject({ got: 'invalid' });
});

test('a ciphertext that the product would open is never invalid, whatever the vectors say', async () => {
  expect(await check(good, 'invalid', decryptKeyHere)).toMatchObject({ got: 'valid' });
});

/** What would give an attacker something to go by. */
const TELLING: Readonly<Record<string, DecryptKey>> = {
  'an error': async () => {
    throw new Error('padding check failed');
  },
  'other bytes every time': async () => randomBytes(32),
};

test.each(Object.entries(TELLING))('%s is an error, in one of several engines too', async (_, engine) => {
  expect(await check(bad, 'invalid', engine)).toMatchObject({ got: 'error' });
  expect(await check(bad, 'invalid', decryptKeyHere, engine)).toMatchObject({ got: 'error' });
});

test('engines that differ are an error', async () => {
  const other: DecryptKey = async () => Buffer.alloc(32, 7);
  expect(await check(good, 'valid', decryptKeyHere, other)).toMatchObject({ got: 'error' });
});

test('OAEP of an empty message cannot be told from failure, and is not claimed to be', async () => {
  const empty = encryptKey(OAEP_SHA256, publicKey, Buffer.alloc(0));
  const found = await checkRsa(
    { ...about, msg: Buffer.alloc(0), ct: empty, result: 'valid' },
    OAEP_SHA256,
    privateKey,
    { here: decryptKeyHere },
  );
  expect(found).toMatchObject({ got: 'not applicable' });
});

test('OAEP with two hashes, or with one that is not taken, does not apply', async () => {
  const group = { privateKeyPkcs8: Buffer.alloc(0), sha: 'SHA-256', mgf: 'MGF1', mgfSha: 'SHA-1', tests: [] };
  const each = { ...about, ct: bad, label: Buffer.from('label'), result: 'valid' as const };
  expect(oaepTransport(group, each)).toBeUndefined();
  expect(oaepTransport({ ...group, sha: 'SHA-512/256', mgfSha: 'SHA-512/256' }, each)).toBeUndefined();
  const taken = oaepTransport({ ...group, mgfSha: 'SHA-256' }, each);
  expect(taken).toEqual({ name: 'RSAES-OAEP', hash: 'sha256', label: each.label });
  expect(await checkRsa(each, undefined, privateKey, {})).toMatchObject({ got: 'not applicable' });
});
