import { generateKeyPairSync, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { codeOf } from '../problem-error.ts';
import { signStatement } from './sign-statement.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const PASSWORD = 'größer als gedacht';
const plain = privateKey.export({ type: 'pkcs8', format: 'pem' });
const encrypted = privateKey.export({
  ...{ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSWORD },
});
const STATEMENT = 'I approve that Sealtrack deletes this certificate.\nalias: Zoë\n';

test.each([
  ['plain', plain, ''],
  ['encrypted', encrypted, PASSWORD],
])('a statement is signed with the %s key that an approver has on disk', async (_, key, password) => {
  const signature = await signStatement(STATEMENT, new Blob([key]), password);
  expect(verify(null, Buffer.from(STATEMENT), publicKey, Buffer.from(signature, 'base64'))).toBe(true);
});

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

test.each([
  ['without its password', encrypted, '', 'PRIVATE_KEY_PASSWORD_MISSING'],
  ['with another password', encrypted, 'another', 'PRIVATE_KEY_PASSWORD_WRONG'],
  ['of another kind', ec.export({ type: 'pkcs8', format: 'pem' }), '', 'PRIVATE_KEY_INVALID'],
  ['that is none', 'hello', '', 'PRIVATE_KEY_INVALID'],
])('nothing is signed with a key %s', async (_, key, password, code) => {
  const refused: unknown = await signStatement(STATEMENT, new Blob([key]), password).catch(
    (error: unknown) => error,
  );
  expect(codeOf(refused)).toBe(code);
});
